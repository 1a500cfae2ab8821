#include "disk/committer.h"

#include <utility>

namespace daybook::disk {

Committer::Committer(CommitTarget& target, const Limits& limits)
    : target_(target), limits_(limits), thread_([this] { Run(); }) {}

void Committer::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool Committer::Enqueue(PendingAppend& append) {
  const MutexLock lock(mutex_);
  const std::size_t bytes = append.frame.bytes.size();
  // One append is taken however large it is.
  const bool full = stopping_ || queue_.size() >= limits_.appends_max ||
                    (!queue_.empty() && queued_bytes_ + bytes > limits_.bytes_max);
  if (full) return false;
  queue_.push_back(std::move(append));
  queued_bytes_ += bytes;
  if (queue_.size() == 1) changed_.NotifyAll();
  return true;
}

std::size_t Committer::depth() const {
  const MutexLock lock(mutex_);
  return queue_.size();
}

std::vector<PendingAppend> Committer::Next(bool idle_told) {
  const auto idle_at = std::chrono::steady_clock::now() + kIdleTime;
  const MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) {
    if (idle_told) {
      changed_.Wait(mutex_);
    } else if (!changed_.WaitUntil(mutex_, idle_at)) {
      break;
    }
  }
  queued_bytes_ = 0;
  return std::exchange(queue_, {});
}

void Committer::Run() {
  bool idle_told = true;  // there is nothing to tell of yet
  for (;;) {
    std::vector<PendingAppend> group = Next(idle_told);
    if (!group.empty()) {
      target_.Commit(group);
      idle_told = false;
      continue;
    }
    if (!idle_told) target_.OnIdle();
    idle_told = true;
    const MutexLock lock(mutex_);
    if (stopping_ && queue_.empty()) return;
  }
}

}  // namespace daybook::disk
