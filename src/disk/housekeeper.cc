#include "disk/housekeeper.h"

#include <utility>

namespace daybook::disk {

Housekeeper::Housekeeper(std::function<void()> round)
    : round_(std::move(round)), thread_([this] { Run(); }) {}

bool Housekeeper::Post(Task& task) {
  const MutexLock lock(mutex_);
  if (stopping_) return false;
  tasks_.push_back(std::move(task));
  changed_.NotifyAll();
  return true;
}

void Housekeeper::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Housekeeper::Run() {
  mutex_.Lock();
  auto round_at = std::chrono::steady_clock::now() + kInterval;
  while (!stopping_ || !tasks_.empty()) {
    std::vector<Task> tasks = std::exchange(tasks_, {});
    const bool due = std::chrono::steady_clock::now() >= round_at;
    if (tasks.empty() && !due) {
      changed_.WaitUntil(mutex_, round_at);
      continue;
    }
    mutex_.Unlock();
    for (Task& task : tasks) task();
    if (due) {
      round_();
      round_at = std::chrono::steady_clock::now() + kInterval;
    }
    mutex_.Lock();
  }
  mutex_.Unlock();
}

}  // namespace daybook::disk
