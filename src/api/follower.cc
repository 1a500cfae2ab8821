#include "api/follower.h"

#include <algorithm>
#include <utility>

#include "api/event_text.h"
#include "base/mutex.h"

namespace daybook::api {
namespace {

constexpr std::size_t kPieceBytes = 32 << 10;
// From that on an event is sent from where it lies. It is as much as may wait to be sent when the
// next piece is asked for, so that of all views only the last two can be on their way.
constexpr std::size_t kViewBytesMin = 64 << 10;
constexpr log::ReadLimits kReadLimits{1'000, 32 << 10};
// Of blocks, of which few records may be wanted, before others have their turn.
constexpr int kBlocksPerPiece = 8;

FollowEnd EndOf(http::CloseReason why) {
  switch (why) {
    case http::CloseReason::kDrain:
      return FollowEnd::kDraining;
    case http::CloseReason::kWriteTimeout:
      return FollowEnd::kStalled;
    case http::CloseReason::kOverload:
      return FollowEnd::kOverload;
    case http::CloseReason::kFault:
      return FollowEnd::kFailed;
    default:
      return FollowEnd::kClient;
  }
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
  if (member_) stats_->followers.Subtract();
}

void Follower::OnStart(const http::Waker& waker) {
  waker_ = waker;
  member_.emplace(feed_, waker);
  revocation_.emplace(wanted_.grant, [waker] { waker.Wake(); });
  stats_->followers.Add();
}

std::size_t Follower::held_bytes() const {
  std::size_t bytes = own_ == nullptr ? 0 : own_->text.size();
  for (const auto& [block, is_own] : viewed_) {
    if (is_own && block != own_) bytes += block->text.size();
  }
  return bytes;
}

// All was sent.
void Follower::OnQuiet() {
  is_quiet_ = true;
  viewed_ = {};
}

void Follower::EndSoon(http::CloseReason why) {
  if (!end_) end_ = {EndOf(why), ""};
}

void Follower::OnCut(http::CloseReason why) { CountEnd(EndOf(why)); }

void Follower::CountEnd(FollowEnd why) {
  if (!std::exchange(end_is_counted_, true)) stats_->CountEnd(why);
}

bool Follower::Next(http::BodyPiece& piece) {
  std::string& text = piece.text;
  if (!std::exchange(is_begun_, true)) AppendEventsBegin(text, next_);
  if (std::exchange(is_quiet_, false)) AppendSignOfLife(text);
  if (!end_ && revocation_->revoked()) end_ = {FollowEnd::kRevoked, ""};
  int blocks = 0;
  while (!end_ && !piece.waits && piece.view.empty() && text.size() < kPieceBytes) {
    piece.waits = !AddSome(piece);
    if (++blocks < kBlocksPerPiece || piece.waits) continue;
    piece.waits = true;
    waker_.Wake();
  }
  if (!end_ || !piece.view.empty()) return true;
  piece.waits = false;
  AppendEndEvent(text, kFollowEndNames[static_cast<std::size_t>(end_->why)], end_->detail);
  CountEnd(end_->why);
  return false;
}

bool Follower::AddSome(http::BodyPiece& piece) {
  if (read_ != nullptr) return TakeOwn(piece.text);
  if (own_ != nullptr) {
    AddOf({own_, true}, piece);
    if (next_ == own_->next) own_.reset();
    return true;
  }
  const Feed::Look look = feed_->LookAt(next_, *member_);
  if (look.block != nullptr) {
    if (std::exchange(is_live_, false))
      stats_->delays.Observe(Feed::Clock::now() - look.block->known_since);
    AddOf({look.block, false}, piece);
  } else if (look.is_behind) {
    ReadOwn();
  } else if (!look.ended.ok()) {
    end_ = {FollowEnd::kDeleted, ""};
  } else {
    is_live_ = true;
    return false;
  }
  return true;
}

void Follower::AddOf(const Viewed& from, http::BodyPiece& piece) {
  const Block& block = from.block;
  auto event = static_cast<std::size_t>(next_ - block->from);
  const std::size_t first = event;
  for (; event < block->events.size() && piece.text.size() < kPieceBytes && piece.view.empty();
       ++event) {
    const auto& [position, key] = block->events[event];
    if (wanted_.key && key != wanted_.key) continue;
    const std::string_view text =
        std::string_view(block->text).substr(position, block->EndOf(event) - position);
    if (text.size() < kViewBytesMin) {
      piece.text.append(text);
    } else {
      piece.view = text;
      viewed_ = {from, std::move(viewed_.front())};
    }
  }
  next_ = next_ + (event - first);
  stats_->followed_records.Add(event - first);
}

void Follower::ReadOwn() {
  is_live_ = false;
  read_ = std::make_shared<OwnRead>(waker_);
  log_->Read(next_, kReadLimits,
             [read = read_](Result<log::Page> page) { read->Give(std::move(page)); });
}

bool Follower::TakeOwn(std::string& text) {
  const std::optional<Result<log::Page>> page = read_->Take();
  if (!page) return false;
  read_.reset();
  if (!page->ok()) return OnUnreadable(page->status(), text);
  if ((*page)->records.empty()) {
    feed_->NoteReadable();
  } else {
    own_ = EventBlock::Make(**page, wanted_.encoding, {});
  }
  return true;
}

bool Follower::OnUnreadable(const Status& failure, std::string& text) {
  const StatusCode code = failure.code();
  const bool is_gap = code == StatusCode::kTrimmed || code == StatusCode::kLost;
  if (is_gap && failure.offset()) {
    next_ = *failure.offset();
    AppendGapEvent(text, code == StatusCode::kLost ? "lost" : "trimmed", next_);
  } else if (code == StatusCode::kLogDeleted) {
    end_ = {FollowEnd::kDeleted, ""};
  } else if (code == StatusCode::kUnavailable || code == StatusCode::kBeyondEnd) {
    // It is tried again when something has come, or nothing has for a while.
    feed_->Await(*member_);
    return false;
  } else {
    end_ = {FollowEnd::kFailed, failure.message()};
  }
  return true;
}

}  // namespace daybook::api
