// Committer makes appends durable, a group at a time.
//
// What is enqueued while a group is being written and synced is the next group; nobody waits for a
// timer. Groups are committed by a thread of the committer's own. A small one is, at the end of its
// turn (base/turn.h), by the thread that enqueued it, which saves the way to the other thread and
// back; but only when the last group was quick, so that a slow disk holds up nobody's turns, and
// one that comes to hang holds up one. Owned by a store, for all its logs. Enqueue() may be called
// from any thread; the target's functions run on any, one at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/turn.h"
#include "base/unique_function.h"
#include "disk/pending_append.h"

namespace daybook::disk {

class CommitTarget {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~CommitTarget() = default;
  // Makes the appends of the group durable and answers every one.
  virtual void Commit(std::vector<PendingAppend>& group) = 0;
  // When OnIdle() is to be called next; none: not unless something else was. Asked after each call.
  virtual std::optional<Clock::time_point> idle_at() const = 0;
  virtual void OnIdle() = 0;
};

class Committer : private TurnWork {
 public:
  static constexpr std::size_t kSmallGroupAppends = 4;
  static constexpr std::chrono::milliseconds kQuick{1};

  // Above either, Enqueue() refuses.
  struct Limits {
    std::size_t appends_max = 65'536;
    std::size_t bytes_max = 64 << 20;
  };

  // `target` outlives the committer.
  Committer(CommitTarget& target, const Limits& limits);
  ~Committer() override { Stop(); }
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // Commits what was enqueued before and ends the thread; Enqueue() refuses from then on. From one
  // thread.
  void Stop();

  // False, and `append` is as it was, when as much waits as may, or it was stopped.
  bool Enqueue(PendingAppend& append);

  // Runs `task` on the committer's thread, between two groups. False, and the task is as it was,
  // when there will be no group any more.
  bool Run(UniqueFunction<void()>& task);
  // The same, and returns when it has run.
  bool RunAndWait(UniqueFunction<void()> task);

  bool stopped() const;
  // Appends that wait now.
  std::size_t depth() const;

  // For how long the group has been under way that is; 0 when none is.
  std::chrono::nanoseconds running() const;

 private:
  using Clock = std::chrono::steady_clock;

  void OnTurnEnd() override;
  void Run();
  // Calls `work`, which is the target's, without the lock.
  template <typename Work>
  void Do(Work work) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CommitGathered() EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  CommitTarget& target_;
  const Limits limits_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<PendingAppend> queue_ GUARDED_BY(mutex_);
  std::size_t queued_bytes_ GUARDED_BY(mutex_) = 0;
  std::vector<UniqueFunction<void()>> tasks_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool ended_ GUARDED_BY(mutex_) = false;  // the thread will do nothing more
  bool busy_ GUARDED_BY(mutex_) = false;   // a thread is within the target's functions
  Clock::time_point last_began_ GUARDED_BY(mutex_);
  Clock::duration last_took_ GUARDED_BY(mutex_){};  // the last group
  std::optional<Clock::time_point> idle_at_ GUARDED_BY(mutex_);
  bool sleeps_ GUARDED_BY(mutex_) = false;  // the thread does, until it is told of something
  std::thread thread_;
};

}  // namespace daybook::disk
