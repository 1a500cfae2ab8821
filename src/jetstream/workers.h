// Workers are threads for what waits for answers of NATS, and is not asked for often. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/unique_function.h"

namespace daybook::jetstream {

class Workers {
 public:
  using Task = UniqueFunction<void()>;

  explicit Workers(std::size_t threads);
  // Stop()s.
  ~Workers();

  // After Stop() the task runs within the call.
  void Run(Task task);

  // Returns when all that was given has run.
  void Stop();

 private:
  void Work();

  Mutex mutex_;
  CondVar changed_;
  std::deque<Task> tasks_ GUARDED_BY(mutex_);
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace daybook::jetstream
