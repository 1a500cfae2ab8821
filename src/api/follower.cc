#include "api/follower.h"

#include <algorithm>
#include <utility>

#include "api/event_text.h"
#include "base/mutex.h"

namespace daybook::api {
namespace {

constexpr std::size_t kPieceBytes = 32 << 10;
constexpr log::ReadLimits kReadLimits{1'000, 256 << 10};

FollowEnd EndOf(http::CloseReason why) {
  if (why == http::CloseReason::kDrain) return FollowEnd::kDraining;
  return why == http::CloseReason::kWriteTimeout ? FollowEnd::kStalled : FollowEnd::kClient;
}

}  // namespace

// A page that is read for one follower, who may have gone when it is there.
class Follower::OwnRead {
 public:
  explicit OwnRead(const http::Waker& waker) : waker_(waker) {}

  void Give(Result<log::Page> page) {
    bool wakes = false;
    {
      const MutexLock lock(mutex_);
      page_ = std::move(page);
      wakes = is_awaited_;
    }
    if (wakes) waker_.Wake();
  }
  // None: it is not there yet, and the follower is woken when it is.
  std::optional<Result<log::Page>> Take() {
    const MutexLock lock(mutex_);
    is_awaited_ = true;
    return std::exchange(page_, std::nullopt);
  }

 private:
  const http::Waker waker_;
  Mutex mutex_;
  bool is_awaited_ GUARDED_BY(mutex_) = false;
  std::optional<Result<log::Page>> page_ GUARDED_BY(mutex_);
};

Follower::Follower(std::shared_ptr<log::Log> log, std::shared_ptr<Feed> feed, Wanted wanted,
                   std::shared_ptr<LiveStats> stats)
    : log_(std::move(log)),
      feed_(std::move(feed)),
      wanted_(std::move(wanted)),
      stats_(std::move(stats)),
      next_(wanted_.from) {}

Follower::~Follower() {
  if (!member_) return;
  feed_->Leave(*member_);
  stats_->followers.Subtract();
}

void Follower::OnStart(const http::Waker& waker) {
  waker_ = waker;
  member_.emplace(waker);
  stats_->followers.Add();
}

void Follower::OnQuiet() {
  is_quiet_ = true;
  is_paused_ = false;
}

void Follower::EndSoon(http::CloseReason why) {
  if (!end_) end_ = {EndOf(why), ""};
}

void Follower::OnCut(http::CloseReason why) { stats_->CountEnd(EndOf(why)); }

bool Follower::Next(http::BodyPiece& piece) {
  std::string& text = piece.text;
  if (!std::exchange(is_begun_, true)) AppendEventsBegin(text, next_);
  if (std::exchange(is_quiet_, false)) AppendSignOfLife(text);
  while (!end_ && !piece.waits && text.size() < kPieceBytes) piece.waits = !AddSome(text);
  if (!end_) return true;
  piece.waits = false;
  AppendEndEvent(text, kFollowEndNames[static_cast<std::size_t>(end_->why)], end_->detail);
  stats_->CountEnd(end_->why);
  return false;
}

bool Follower::AddSome(std::string& text) {
  if (is_paused_) return false;
  if (page_given_ < page_.records.size() || read_ != nullptr) return AddOwn(text);
  const Feed::Look look = feed_->LookAt(next_, *member_);
  if (look.block != nullptr) {
    AddOf(*look.block, text);
  } else if (look.is_behind) {
    ReadOwn();
  } else if (!look.ended.ok()) {
    end_ = {FollowEnd::kDeleted, ""};
  } else {
    return false;
  }
  return true;
}

void Follower::AddOf(const Feed::Block& block, std::string& text) {
  const auto first = block.events.begin() + static_cast<std::ptrdiff_t>(next_ - block.from);
  auto event = first;
  for (; event != block.events.end() && text.size() < kPieceBytes; ++event) {
    const auto after = event + 1;
    const std::size_t end = after == block.events.end() ? block.text.size() : after->position;
    if (Wants(event->key)) text.append(block.text, event->position, end - event->position);
  }
  next_ = next_ + static_cast<std::uint64_t>(event - first);
  stats_->followed_records.Add(static_cast<std::uint64_t>(event - first));
  if (first == block.events.begin()) stats_->delays.Observe(Feed::Clock::now() - block.known_since);
}

void Follower::ReadOwn() {
  read_ = std::make_shared<OwnRead>(waker_);
  log_->Read(next_, kReadLimits,
             [read = read_](Result<log::Page> page) { read->Give(std::move(page)); });
}

bool Follower::AddOwn(std::string& text) {
  if (read_ != nullptr) {
    std::optional<Result<log::Page>> page = read_->Take();
    if (!page) return false;
    read_.reset();
    page_ = log::Page();
    page_given_ = 0;
    if (!page->ok()) {
      OnUnreadable(page->status(), text);
      return true;
    }
    page_ = *std::move(*page);
    if (page_.records.empty()) feed_->NoteReadable();
  }
  while (page_given_ < page_.records.size() && text.size() < kPieceBytes) {
    const log::RecordView& record = page_.records[page_given_++];
    const bool wants = !wanted_.key || (record.key && *record.key == *wanted_.key);
    if (wants) AppendRecordEvent(text, record, wanted_.encoding);
    next_ = record.offset + 1;
    stats_->followed_records.Add();
  }
  if (page_given_ == page_.records.size()) page_ = log::Page();
  return true;
}

void Follower::OnUnreadable(const Status& failure, std::string& text) {
  const StatusCode code = failure.code();
  const bool is_gap = code == StatusCode::kTrimmed || code == StatusCode::kLost;
  if (is_gap && failure.offset()) {
    next_ = *failure.offset();
    AppendGapEvent(text, code == StatusCode::kLost ? "lost" : "trimmed", next_);
  } else if (code == StatusCode::kLogDeleted) {
    end_ = {FollowEnd::kDeleted, ""};
  } else if (code == StatusCode::kUnavailable || code == StatusCode::kBeyondEnd) {
    is_paused_ = true;  // until it has been quiet for a while
  } else {
    end_ = {FollowEnd::kFailed, failure.message()};
  }
}

}  // namespace daybook::api
