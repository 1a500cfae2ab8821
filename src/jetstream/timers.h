// Timers runs tasks later, on a thread of its own; a task must not block. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <thread>

#include "base/mutex.h"
#include "base/unique_function.h"

namespace daybook::jetstream {

class Timers {
 public:
  using Task = UniqueFunction<void()>;

  Timers() : thread_([this] { Run(); }) {}
  // Stop()s.
  ~Timers();

  // After Stop() the task runs within the call.
  void RunAfter(std::chrono::milliseconds delay, Task task);

  // Runs all tasks that are still there, at once.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;

  void Run();

  Mutex mutex_;
  CondVar changed_;
  std::multimap<Clock::time_point, Task> tasks_ GUARDED_BY(mutex_);
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace daybook::jetstream
