#include "jetstream/publish_window.h"

#include <utility>
#include <vector>

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
  std::vector<Task> entered;
  {
    const MutexLock lock(mutex_);
    messages_ -= messages;
    bytes_ -= bytes;
    while (!waiting_.empty() && HasRoomFor(waiting_.front().messages, waiting_.front().bytes)) {
      messages_ += waiting_.front().messages;
      bytes_ += waiting_.front().bytes;
      entered.push_back(std::move(waiting_.front().task));
      waiting_.pop_front();
    }
    if (messages_ == 0) left_.NotifyAll();
  }
  for (Task& task : entered) task();
}

void PublishWindow::AwaitNone() {
  const MutexLock lock(mutex_);
  while (messages_ != 0 || !waiting_.empty()) left_.Wait(mutex_);
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
