#include "jetstream/publish_window.h"

#include <utility>

namespace daybook::jetstream {

bool PublishWindow::Enter(std::uint64_t messages, std::uint64_t bytes, Task task) {
  {
    const MutexLock lock(mutex_);
    if (!waiting_.empty() || !HasRoomFor(messages, bytes)) {
      if (waiting_.size() >= waiting_max_) return false;
      waiting_.push_back({messages, bytes, std::move(task)});
      return true;
    }
    messages_ += messages;
    bytes_ += bytes;
  }
  task();
  return true;
}

void PublishWindow::Leave(std::uint64_t messages, std::uint64_t bytes) {
  {
    const MutexLock lock(mutex_);
    messages_ -= messages;
    bytes_ -= bytes;
    // A task that leaves at once lets its successor be run by the loop below.
    if (running_tasks_) return;
    running_tasks_ = true;
  }
  while (Task task = TakeNext()) task();
}

PublishWindow::Task PublishWindow::TakeNext() {
  const MutexLock lock(mutex_);
  if (waiting_.empty() || !HasRoomFor(waiting_.front().messages, waiting_.front().bytes)) {
    running_tasks_ = false;
    return {};
  }
  messages_ += waiting_.front().messages;
  bytes_ += waiting_.front().bytes;
  Task task = std::move(waiting_.front().task);
  waiting_.pop_front();
  return task;
}

std::uint64_t PublishWindow::messages() const {
  const MutexLock lock(mutex_);
  return messages_;
}

std::uint64_t PublishWindow::waiting() const {
  const MutexLock lock(mutex_);
  return waiting_.size();
}

bool PublishWindow::HasRoomFor(std::uint64_t messages, std::uint64_t bytes) const {
  return messages_ == 0 || (messages_ + messages <= messages_max_ && bytes_ + bytes <= bytes_max_);
}

}  // namespace daybook::jetstream
