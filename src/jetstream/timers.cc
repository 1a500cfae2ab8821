#include "jetstream/timers.h"

#include <utility>

namespace daybook::jetstream {

Timers::~Timers() { Stop(); }

void Timers::RunAfter(std::chrono::milliseconds delay, Task task) {
  {
    const MutexLock lock(mutex_);
    if (!stopped_) {
      tasks_.emplace(Clock::now() + delay, std::move(task));
      changed_.NotifyAll();
      return;
    }
  }
  task();
}

void Timers::Stop() {
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Timers::Run() {
  for (;;) {
    Task task;
    {
      const MutexLock lock(mutex_);
      for (;;) {
        if (tasks_.empty() && stopped_) return;
        if (tasks_.empty()) {
          changed_.Wait(mutex_);
        } else if (const auto due = tasks_.begin()->first; !stopped_ && due > Clock::now()) {
          (void)changed_.WaitUntil(mutex_, due);
        } else {
          break;
        }
      }
      task = std::move(tasks_.begin()->second);
      tasks_.erase(tasks_.begin());
    }
    task();
  }
}

}  // namespace daybook::jetstream
