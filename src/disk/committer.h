// Committer is the thread that makes appends durable, a group at a time.
//
// What is enqueued while a group is being written and synced is the next group; nobody waits for a
// timer. Owned by a store, which outlives its calls to CommitTarget. Enqueue() may be called from
// any thread; the target's functions run on the committer's own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "disk/append_body.h"
#include "log/log.h"

namespace daybook::disk {

// An append on its way to the disk.
struct PendingAppend {
  EncodedAppend frame;
  std::uint64_t payload_bytes = 0;  // of values, keys and headers
  std::chrono::steady_clock::time_point since;
  log::AppendDone done;
};

class CommitTarget {
 public:
  virtual ~CommitTarget() = default;
  // Answers every append of the group.
  virtual void Commit(std::vector<PendingAppend>& group) = 0;
  // Nothing came for Committer::kIdleTime.
  virtual void OnIdle() = 0;
};

class Committer {
 public:
  static constexpr std::chrono::milliseconds kIdleTime{200};

  // Above either, Enqueue() refuses.
  struct Limits {
    std::size_t appends_max = 65'536;
    std::size_t bytes_max = 64 << 20;
  };

  Committer(CommitTarget& target, const Limits& limits);
  ~Committer() { Stop(); }
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // Commits what was enqueued before and ends the thread; Enqueue() refuses from then on. From one
  // thread.
  void Stop();

  // False, and `append` is as it was, when as much waits as may, or it was stopped.
  bool Enqueue(PendingAppend& append);

  // Appends that wait now.
  std::size_t depth() const;

 private:
  void Run();
  // Waits for the next group; empty when there was none for kIdleTime.
  std::vector<PendingAppend> Next(bool idle_told);

  CommitTarget& target_;
  const Limits limits_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<PendingAppend> queue_ GUARDED_BY(mutex_);
  std::size_t queued_bytes_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace daybook::disk
