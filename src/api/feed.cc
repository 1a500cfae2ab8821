#include "api/feed.h"

#include <algorithm>

#include "api/event_text.h"

namespace daybook::api {
namespace {

// Of records that are read, and made events of, at one time.
constexpr log::ReadLimits kReadLimits{1'000, 64 << 10};
// Of events that a feed keeps for those who are a little behind, and that all feeds do.
constexpr std::uint64_t kKeptBytesMax = 1 << 20;
constexpr std::uint64_t kAllKeptBytesMax = 64 << 20;

}  // namespace

std::shared_ptr<const EventBlock> EventBlock::Make(
    const log::Page& page, ValueEncoding encoding,
    std::chrono::steady_clock::time_point known_since) {
  const auto block = std::make_shared<EventBlock>();
  block->from = page.records.front().offset;
  block->next = page.records.back().offset + 1;
  block->known_since = known_since;
  block->events.reserve(page.records.size());
  for (const log::RecordView& record : page.records) {
    Event& event = block->events.emplace_back();
    event.position = block->text.size();
    if (record.key) event.key = *record.key;
    AppendRecordEvent(block->text, record, encoding);
  }
  return block;
}

// --- members

Feed::Member::Member(std::shared_ptr<Feed> feed, const http::Waker& waker)
    : feed_(std::move(feed)), waker_(waker) {
  const MutexLock lock(feed_->mutex_);
  ++feed_->members_;
}

Feed::Member::~Member() {
  const MutexLock lock(feed_->mutex_);
  feed_->StopWaiting(*this);
  --feed_->members_;
}

Feed::Look Feed::LookAt(Offset offset, Member& member) {
  const MutexLock lock(mutex_);
  StopWaiting(member);
  if (!ended_.ok()) return {nullptr, false, ended_};
  if (offset > end_) {
    has_moved_ = true;
    // When nobody is on the way there, those who are before it are behind.
    if (!is_reading_ && waiting_.empty()) BeginAt(offset);
  }
  if (offset < begin_ || (offset == end_ && is_stuck_)) return {nullptr, true, {}};
  if (offset < end_) {
    const auto block =
        std::upper_bound(blocks_.begin(), blocks_.end(), offset,
                         [](Offset asked, const auto& each) { return asked < each->next; });
    return {*block, false, {}};
  }
  StartWaiting(member);
  if (has_moved_) ReadLater(member);
  return {};
}

void Feed::Await(Member& member) {
  const MutexLock lock(mutex_);
  StartWaiting(member);
}

void Feed::NoteReadable() {
  const MutexLock lock(mutex_);
  is_stuck_ = false;
}

bool Feed::ended() const {
  const MutexLock lock(mutex_);
  return !ended_.ok();
}

void Feed::StartWaiting(Member& member) {
  if (member.waits_) return;
  member.waits_ = true;
  member.place_ = waiting_.insert(waiting_.end(), &member);
  // All of them have all of it.
  if (waiting_.size() == members_ && !has_moved_) Drop(blocks_.size());
}

void Feed::StopWaiting(Member& member) {
  if (!member.waits_) return;
  member.waits_ = false;
  waiting_.erase(member.place_);
}

void Feed::WakeAll() {
  while (!waiting_.empty()) {
    Member& member = *waiting_.front();
    StopWaiting(member);
    member.waker_.Wake();
  }
}

// --- reading

Feed::Feed(std::shared_ptr<log::Log> log, ValueEncoding encoding, Offset end,
           std::shared_ptr<KeptBytes> all_kept)
    : log_(std::move(log)),
      encoding_(encoding),
      all_kept_(std::move(all_kept)),
      begin_(end),
      end_(end),
      known_since_(Clock::now()),
      watch_(log_, [this] { OnMoved(); }) {}

Feed::~Feed() {
  const MutexLock lock(mutex_);
  Drop(blocks_.size());
}

// Whoever appends is not kept for longer than this, however many follow.
void Feed::OnMoved() {
  const MutexLock lock(mutex_);
  if (!has_moved_) known_since_ = Clock::now();
  has_moved_ = true;
  is_stuck_ = false;
  if (!waiting_.empty()) ReadLater(*waiting_.front());
}

// On the worker's thread that `member` is on. A member that has gone does not keep it from that.
void Feed::ReadLater(const Member& member) {
  if (is_reading_) return;
  is_reading_ = true;
  member.waker_.Run([self = shared_from_this()] { self->Read(); });
}

void Feed::Read() {
  Offset from;
  {
    const MutexLock lock(mutex_);
    if (!has_moved_ || waiting_.empty()) {
      is_reading_ = false;
      return;
    }
    has_moved_ = false;
    from = end_;
  }
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
  if (page.ok() && !page->records.empty()) block = Block::Make(*page, encoding_, known_since);
  const MutexLock lock(mutex_);
  is_reading_ = false;
  if (from != end_) {  // it begins elsewhere by now
    has_moved_ = true;
  } else if (!page.ok()) {
    OnFailure(page.status());
  } else if (block != nullptr) {
    if (block->next < page->end) has_moved_ = true;
    Keep(block);
    WakeAll();
  }
  if (has_moved_ && !waiting_.empty()) ReadLater(*waiting_.front());
}

void Feed::OnFailure(const Status& failure) {
  if (failure.code() == StatusCode::kLogDeleted) {
    ended_ = failure;
  } else {
    is_stuck_ = true;
  }
  WakeAll();
}

void Feed::BeginAt(Offset offset) {
  Drop(blocks_.size());
  begin_ = end_ = offset;
  is_stuck_ = false;
}

void Feed::Keep(std::shared_ptr<const Block> block) {
  kept_bytes_ += block->text.size();
  const std::uint64_t all_bytes = all_kept_->fetch_add(block->text.size()) + block->text.size();
  end_ = block->next;
  blocks_.push_back(std::move(block));
  if (all_bytes > kAllKeptBytesMax) Drop(blocks_.size() - 1);
  while (kept_bytes_ > kKeptBytesMax && blocks_.size() > 1) Drop(1);
}

// The oldest.
void Feed::Drop(std::size_t blocks) {
  for (; blocks > 0; --blocks) {
    const std::uint64_t bytes = blocks_.front()->text.size();
    kept_bytes_ -= bytes;
    all_kept_->fetch_sub(bytes);
    blocks_.pop_front();
  }
  begin_ = blocks_.empty() ? end_ : blocks_.front()->from;
}

std::shared_ptr<Feed> Feeds::Join(const std::shared_ptr<log::Log>& log, ValueEncoding encoding,
                                  Offset end) {
  const MutexLock lock(mutex_);
  std::weak_ptr<Feed>& known = feeds_[{log->id(), encoding}];
  std::shared_ptr<Feed> feed = known.lock();
  if (feed != nullptr && !feed->ended()) return feed;
  feed = std::make_shared<Feed>(log, encoding, end, kept_);
  known = feed;
  if (feeds_.size() > sweep_at_) {
    std::erase_if(feeds_, [](const auto& each) { return each.second.expired(); });
    sweep_at_ = 2 * feeds_.size() + 64;
  }
  return feed;
}

}  // namespace daybook::api
