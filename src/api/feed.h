// Feed has the newest records of a log as events, made once for all who follow it.
//
// It reads on when the log has moved and one of its members asks: that is woken alone, and the
// others when there is something for them. What it has made it keeps within bounds; a member that
// is behind it reads the log by itself until it has caught up. Made by Feeds and owned by the
// followers. Thread-safe.
#pragma once

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

class Feed : public std::enable_shared_from_this<Feed> {
 public:
  using Clock = std::chrono::steady_clock;

  // Events of a run of records.
  struct Block {
    struct Event {
      std::size_t position = 0;  // bytes into the text
      std::optional<std::string> key;
    };

    Offset from;
    Offset next;
    std::string text;
    std::vector<Event> events;
    Clock::time_point known_since;  // that they can be read
  };

  // A follower, who Leave()s before it is destroyed.
  class Member {
   public:
    explicit Member(const http::Waker& waker) : waker_(waker) {}

   private:
    friend class Feed;
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
  Feed(std::shared_ptr<log::Log> log, ValueEncoding encoding, Offset end);

  // The event of the record at `offset`.
  Look LookAt(Offset offset, Member& member);
  // Has the member woken when the log has moved.
  void Await(Member& member);
  // The log can be read up to its end, as a member has seen.
  void NoteReadable();
  void Leave(Member& member);

  bool ended() const;

 private:
  void OnMoved();
  void Read(Offset from);
  void OnPage(Offset from, const Result<log::Page>& page);
  void OnFailure(const Status& failure) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BeginAt(Offset offset) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Keep(std::shared_ptr<const Block> block) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StartWaiting(Member& member) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StopWaiting(Member& member) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeOne() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeAll() EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<log::Log> log_;
  const ValueEncoding encoding_;

  mutable Mutex mutex_;
  std::deque<std::shared_ptr<const Block>> blocks_ GUARDED_BY(mutex_);  // without a gap
  std::uint64_t kept_bytes_ GUARDED_BY(mutex_) = 0;
  Offset begin_ GUARDED_BY(mutex_);  // of the blocks
  Offset end_ GUARDED_BY(mutex_);
  bool reading_ GUARDED_BY(mutex_) = false;
  bool moved_ GUARDED_BY(mutex_) = true;   // since the last read began
  bool stuck_ GUARDED_BY(mutex_) = false;  // the record at end_ cannot be read, and members see why
  Clock::time_point known_since_ GUARDED_BY(mutex_);
  Status ended_ GUARDED_BY(mutex_);
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

  Mutex mutex_;
  std::map<Key, std::weak_ptr<Feed>> feeds_ GUARDED_BY(mutex_);
  std::size_t sweep_at_ GUARDED_BY(mutex_) = 64;
};

}  // namespace daybook::api
