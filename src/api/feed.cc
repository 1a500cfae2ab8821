#include "api/feed.h"

#include <algorithm>

#include "api/event_text.h"

namespace daybook::api {
namespace {

// Of records that are read, and made events of, at one time.
constexpr log::ReadLimits kReadLimits{1'000, 64 << 10};
// Of events that are kept for those who are a little behind.
constexpr std::uint64_t kKeptBytesMax = 1 << 20;
// A member that read for itself may be so many records before the feed, which then follows.
constexpr std::uint64_t kFollowedRecordsMax = 10'000;

std::shared_ptr<const Feed::Block> MakeBlock(const log::Page& page, ValueEncoding encoding,
                                             Feed::Clock::time_point known_since) {
  const auto block = std::make_shared<Feed::Block>();
  block->from = page.records.front().offset;
  block->next = page.records.back().offset + 1;
  block->known_since = known_since;
  block->events.reserve(page.records.size());
  for (const log::RecordView& record : page.records) {
    Feed::Block::Event& event = block->events.emplace_back();
    event.position = block->text.size();
    if (record.key) event.key = *record.key;
    AppendRecordEvent(block->text, record, encoding);
  }
  return block;
}

}  // namespace

Feed::Feed(std::shared_ptr<log::Log> log, ValueEncoding encoding, Offset end)
    : log_(std::move(log)),
      encoding_(encoding),
      begin_(end),
      end_(end),
      known_since_(Clock::now()),
      watch_(log_, [this] { OnMoved(); }) {}

Feed::Look Feed::LookAt(Offset offset, Member& member) {
  for (;;) {
    Offset from;
    {
      const MutexLock lock(mutex_);
      if (!ended_.ok()) return {nullptr, false, ended_};
      if (offset > end_) {
        if (offset - end_ > kFollowedRecordsMax || stuck_) BeginAt(offset);
        moved_ = true;
      }
      if (offset < begin_ || (offset == end_ && stuck_)) return {nullptr, true, {}};
      if (offset < end_) {
        const auto behind =
            std::upper_bound(blocks_.begin(), blocks_.end(), offset,
                             [](Offset asked, const auto& block) { return asked < block->next; });
        return {*behind, false, {}};
      }
      if (reading_ || !moved_) {
        StartWaiting(member);
        return {};
      }
      reading_ = true;
      moved_ = false;
      from = end_;
    }
    Read(from);
  }
}

void Feed::Await(Member& member) {
  const MutexLock lock(mutex_);
  StartWaiting(member);
}

void Feed::NoteReadable() {
  const MutexLock lock(mutex_);
  stuck_ = false;
}

void Feed::Leave(Member& member) {
  const MutexLock lock(mutex_);
  StopWaiting(member);
  // It may be the one that was woken to see what there is.
  if (moved_ && !reading_) WakeOne();
}

bool Feed::ended() const {
  const MutexLock lock(mutex_);
  return !ended_.ok();
}

void Feed::OnMoved() {
  const MutexLock lock(mutex_);
  if (!moved_) known_since_ = Clock::now();
  moved_ = true;
  stuck_ = false;
  if (!reading_) WakeOne();
}

void Feed::Read(Offset from) {
  log_->Read(from, kReadLimits, [self = shared_from_this(), from](const Result<log::Page>& page) {
    self->OnPage(from, page);
  });
}

void Feed::OnPage(Offset from, const Result<log::Page>& page) {
  Clock::time_point known_since;
  {
    const MutexLock lock(mutex_);
    known_since = known_since_;
  }
  std::shared_ptr<const Block> block;
  if (page.ok() && !page->records.empty()) block = MakeBlock(*page, encoding_, known_since);
  const MutexLock lock(mutex_);
  reading_ = false;
  if (from != end_) {  // it begins elsewhere by now
    moved_ = true;
  } else if (!page.ok()) {
    OnFailure(page.status());
  } else if (block != nullptr) {
    if (block->next < page->end) moved_ = true;
    Keep(block);
  } else if (!moved_) {
    return;
  }
  WakeAll();
}

void Feed::OnFailure(const Status& failure) {
  if (failure.code() == StatusCode::kLogDeleted) {
    ended_ = failure;
  } else {
    stuck_ = true;
  }
}

void Feed::BeginAt(Offset offset) {
  blocks_.clear();
  kept_bytes_ = 0;
  begin_ = end_ = offset;
  stuck_ = false;
}

void Feed::Keep(std::shared_ptr<const Block> block) {
  kept_bytes_ += block->text.size();
  end_ = block->next;
  blocks_.push_back(std::move(block));
  while (kept_bytes_ > kKeptBytesMax && blocks_.size() > 1) {
    kept_bytes_ -= blocks_.front()->text.size();
    blocks_.pop_front();
  }
  begin_ = blocks_.front()->from;
}

void Feed::StartWaiting(Member& member) {
  if (member.waits_) return;
  member.waits_ = true;
  member.place_ = waiting_.insert(waiting_.end(), &member);
}

void Feed::StopWaiting(Member& member) {
  if (!member.waits_) return;
  member.waits_ = false;
  waiting_.erase(member.place_);
}

void Feed::WakeOne() {
  if (waiting_.empty()) return;
  Member& member = *waiting_.front();
  StopWaiting(member);
  member.waker_.Wake();
}

void Feed::WakeAll() {
  while (!waiting_.empty()) WakeOne();
}

std::shared_ptr<Feed> Feeds::Join(const std::shared_ptr<log::Log>& log, ValueEncoding encoding,
                                  Offset end) {
  const MutexLock lock(mutex_);
  std::weak_ptr<Feed>& known = feeds_[{log->id(), encoding}];
  std::shared_ptr<Feed> feed = known.lock();
  if (feed != nullptr && !feed->ended()) return feed;
  feed = std::make_shared<Feed>(log, encoding, end);
  known = feed;
  if (feeds_.size() > sweep_at_) {
    std::erase_if(feeds_, [](const auto& each) { return each.second.expired(); });
    sweep_at_ = 2 * feeds_.size() + 64;
  }
  return feed;
}

}  // namespace daybook::api
