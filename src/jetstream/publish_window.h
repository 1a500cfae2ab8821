// PublishWindow bounds what is under way to NATS at one time; what comes beyond waits its turn, up
// to a bound of its own. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>

#include "base/mutex.h"
#include "base/unique_function.h"

namespace daybook::jetstream {

class PublishWindow {
 public:
  using Task = UniqueFunction<void()>;

  // At most so many at one time, and so many that wait. One that is larger than all goes alone.
  PublishWindow(std::uint64_t messages_max, std::uint64_t bytes_max, std::uint64_t waiting_max)
      : messages_max_(messages_max), bytes_max_(bytes_max), waiting_max_(waiting_max) {}

  // Runs `task` when there is room, in this call or in one of Leave(). False: too many wait, and it
  // never runs.
  bool Enter(std::uint64_t messages, std::uint64_t bytes, Task task);
  // What entered with these is over.
  void Leave(std::uint64_t messages, std::uint64_t bytes);

  std::uint64_t messages() const;
  std::uint64_t waiting() const;

 private:
  struct Waiting {
    std::uint64_t messages;
    std::uint64_t bytes;
    Task task;
  };

  // None: nothing waits that has room.
  Task TakeNext();
  bool HasRoomFor(std::uint64_t messages, std::uint64_t bytes) const
      EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::uint64_t messages_max_;
  const std::uint64_t bytes_max_;
  const std::uint64_t waiting_max_;

  mutable Mutex mutex_;
  std::uint64_t messages_ GUARDED_BY(mutex_) = 0;
  std::uint64_t bytes_ GUARDED_BY(mutex_) = 0;
  bool running_tasks_ GUARDED_BY(mutex_) = false;  // in a call of Leave()
  std::deque<Waiting> waiting_ GUARDED_BY(mutex_);
};

}  // namespace daybook::jetstream
