#include "jetstream/workers.h"

#include <utility>

namespace daybook::jetstream {

Workers::Workers(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

Workers::~Workers() { Stop(); }

void Workers::Run(Task task) {
  {
    const MutexLock lock(mutex_);
    if (!stopped_) {
      tasks_.push_back(std::move(task));
      changed_.NotifyAll();
      return;
    }
  }
  task();
}

void Workers::Stop() {
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void Workers::Work() {
  for (;;) {
    Task task;
    {
      const MutexLock lock(mutex_);
      while (tasks_.empty() && !stopped_) changed_.Wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace daybook::jetstream
