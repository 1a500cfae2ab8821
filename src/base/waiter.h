// Waiter waits for a descriptor, with poll(2), and for those that end any wait: of a signal, say,
// or an output that nobody reads any more. One thread uses it.
#pragma once

#include <poll.h>

#include <chrono>
#include <vector>

namespace daybook {

class Waiter {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  enum class Outcome { kReady, kDeadline, kInterrupted };

  // From here on every wait ends when poll() tells one of `events` of `fd`, or an error. Without
  // events that is of a pipe that its reader has closed.
  void InterruptBy(int fd, short events) { watched_.push_back({fd, events, 0}); }

  // Waits until `fd` has one of `events`, or an error; with -1 for nothing but the rest. What
  // interrupts counts before what is ready.
  Outcome Await(int fd, short events, Deadline deadline) const;
  Outcome Sleep(std::chrono::milliseconds duration) const;
  bool interrupted() const;

 private:
  std::vector<pollfd> watched_;
};

}  // namespace daybook
