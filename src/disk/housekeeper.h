// Housekeeper is the thread on which a store does what nobody's append is to wait for: trims,
// retention, the removal of files. What is posted to it runs one after the other; in between, and
// at least every kInterval, its round does.
#pragma once

#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/unique_function.h"

namespace daybook::disk {

class Housekeeper {
 public:
  static constexpr std::chrono::milliseconds kInterval{1'000};

  using Task = UniqueFunction<void()>;

  // `round` is called on the housekeeper's thread, until Stop() has returned.
  explicit Housekeeper(std::function<void()> round);
  ~Housekeeper() { Stop(); }
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

  // Any thread. False, and the task is as it was, after Stop().
  bool Post(Task& task);

  // Runs what was posted before, and ends the thread. From one thread, not the housekeeper's.
  void Stop();

 private:
  void Run();

  const std::function<void()> round_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<Task> tasks_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace daybook::disk
