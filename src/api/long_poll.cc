#include "api/long_poll.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace daybook::api {

LongPoll::~LongPoll() {
  if (watch_) stats_->waits.Subtract();
}

void LongPoll::Begin(const std::shared_ptr<log::Log>& log, const http::Waker& waker, Done done) {
  log_ = log;
  {
    const MutexLock lock(mutex_);
    done_ = std::move(done);
    is_looking_ = true;
  }
  stats_->waits.Add();
  revocation_.emplace(grant_, [waker] { waker.Wake(); });
  watch_.emplace(log, [this, waker] {
    if (!is_woken_.exchange(true)) waker.Wake();
  });
  Look();
}

void LongPoll::OnWake() {
  if (grant_ != nullptr && grant_->revoked()) return End();
  is_woken_ = false;
  {
    const MutexLock lock(mutex_);
    looks_again_ = is_looking_;
    if (is_looking_ || !done_) return;
    is_looking_ = true;
  }
  Look();
}

void LongPoll::End() {
  Done done;
  std::optional<FoundPage> nothing;
  {
    const MutexLock lock(mutex_);
    is_over_ = true;
    if (is_looking_ || !done_) return;
    done = std::move(done_);
    nothing.swap(nothing_);
  }
  done(*std::move(nothing));
}

void LongPoll::Look() {
  FindPage(log_, query_, [self = shared_from_this()](Result<FoundPage> found) {
    self->OnFound(std::move(found));
  });
}

bool LongPoll::IsFinal(const Result<FoundPage>& found) const {
  return !found.ok() || !found->page.records.empty() || found->next_offset < found->page.end ||
         is_over_;
}

void LongPoll::GoOnAt(Offset offset) {
  if (query_.start == ReadQuery::Start::kLast) {
    query_.limits.records_max =
        std::clamp<std::uint64_t>(query_.records, 1, query_.limits.records_max);
  }
  // Who has named an offset is told when that was trimmed.
  if (query_.start != ReadQuery::Start::kOffset) query_.start = ReadQuery::Start::kFoundNone;
  query_.offset = offset;
}

void LongPoll::OnFound(Result<FoundPage> found) {
  Done done;
  {
    const MutexLock lock(mutex_);
    if (IsFinal(found)) {
      done = std::move(done_);
    } else {
      GoOnAt(found->next_offset);
      nothing_ = *found;
      if (!std::exchange(looks_again_, false)) {
        is_looking_ = false;
        return;
      }
    }
  }
  if (!done) return Look();
  done(std::move(found));
}

}  // namespace daybook::api
