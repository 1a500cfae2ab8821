// Feed has the newest records of a log as events, made once for all who follow it.
//
// When the log has moved and a member waits for that, the feed reads on, on the thread of a worker
// and a little at a time, and then wakes all who wait. What it has made it keeps within bounds, and
// no longer than until all members have it; a member that is behind it reads the log by itself
// until it has caught up. Made by Feeds and owned by the followers. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/record_json.h"
#include "base/mutex.h"
#include "base/status.h"
#include "base/types.h"
#include "http/waker.h"
#include "log/log.h"

namespace daybook::api {

// Events of a run of records.
struct EventBlock {
  struct Event {
    std::size_t position = 0;  // bytes into the text
    std::optional<std::string> key;
  };

  Offset from;
  Offset next;
  std::string text;
  std::vector<Event> events;
  std::chrono::steady_clock::time_point known_since;  // that they can be read

  // Of the page's records, of which there is one at least.
  static std::shared_ptr<const EventBlock> Make(const log::Page& page, ValueEncoding encoding,
                                                std::chrono::steady_clock::time_point known_since);
  // Where the event behind `event` is, or would be.
  std::size_t EndOf(std::size_t event) const {
    return event + 1 < events.size() ? events[event + 1].position : text.size();
  }
};

// What all feeds together keep.
using KeptBytes = std::atomic<std::uint64_t>;

class Feed : public std::enable_shared_from_this<Feed> {
 public:
  using Block = EventBlock;
  using Clock = std::chrono::steady_clock;

  // One who follows.
  class Member {
   public:
    Member(std::shared_ptr<Feed> feed, const http::Waker& waker);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

   private:
    friend class Feed;
    const std::shared_ptr<Feed> feed_;
    const http::Waker waker_;
    bool waits_ = false;
    std::list<Member*>::iterator place_;  // while it waits
  };

  // What there is for a member. None of it: the member is woken when there is.
  struct Look {
    std::shared_ptr<const Block> block;  // has the event that was asked for
    bool is_behind = false;              // the member is, and has to read for itself
    Status ended;                        // kLogDeleted: nothing comes any more
  };

  // `end`: of the log, or where it was.
  Feed(std::shared_ptr<log::Log> log, ValueEncoding encoding, Offset end,
       std::shared_ptr<KeptBytes> all_kept);
  ~Feed();

  // The event of the record at `offset`, which is the next that the member has not seen.
  Look LookAt(Offset offset, Member& member);
  // Has the member woken when others are.
  void Await(Member& member);
  // The log can be read up to its end, as a member has seen.
  void NoteReadable();

  bool ended() const;

 private:
  void OnMoved();
  void ReadLater(const Member& member) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Read();
  void OnPage(Offset from, const Result<log::Page>& page);
  void OnFailure(const Status& failure) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BeginAt(Offset offset) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Keep(std::shared_ptr<const Block> block) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Drop(std::size_t blocks) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StartWaiting(Member& member) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StopWaiting(Member& member) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeAll() EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<log::Log> log_;
  const ValueEncoding encoding_;
  const std::shared_ptr<KeptBytes> all_kept_;

  mutable Mutex mutex_;
  std::deque<std::shared_ptr<const Block>> blocks_ GUARDED_BY(mutex_);  // without a gap
  std::uint64_t kept_bytes_ GUARDED_BY(mutex_) = 0;
  Offset begin_ GUARDED_BY(mutex_);  // of the blocks
  Offset end_ GUARDED_BY(mutex_);
  bool is_reading_ GUARDED_BY(mutex_) = false;  // or will soon
  bool has_moved_ GUARDED_BY(mutex_) = true;    // since the last read began
  bool is_stuck_ GUARDED_BY(mutex_) = false;    // end_ cannot be read; members see why
  Clock::time_point known_since_ GUARDED_BY(mutex_);
  Status ended_ GUARDED_BY(mutex_);
  std::size_t members_ GUARDED_BY(mutex_) = 0;
  std::list<Member*> waiting_ GUARDED_BY(mutex_);

  const log::Watch watch_;
};

// The feeds that somebody follows. Thread-safe.
class Feeds {
 public:
  // `end`: of the log.
  std::shared_ptr<Feed> Join(const std::shared_ptr<log::Log>& log, ValueEncoding encoding,
                             Offset end);

 private:
  using Key = std::pair<log::LogId, ValueEncoding>;

  const std::shared_ptr<KeptBytes> kept_ = std::make_shared<KeptBytes>(0);
  Mutex mutex_;
  std::map<Key, std::weak_ptr<Feed>> feeds_ GUARDED_BY(mutex_);
  std::size_t sweep_at_ GUARDED_BY(mutex_) = 64;
};

}  // namespace daybook::api
