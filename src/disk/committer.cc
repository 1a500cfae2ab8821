#include "disk/committer.h"

#include <utility>

namespace daybook::disk {

Committer::Committer(CommitTarget& target, const Limits& limits, bool idle_told)
    : target_(target), limits_(limits), idle_told_(idle_told), thread_([this] { Run(); }) {}

void Committer::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool Committer::Enqueue(PendingAppend& append) {
  const bool put_off = Turn::PutOff(*this);
  const MutexLock lock(mutex_);
  const std::size_t bytes = append.frame.bytes.size();
  // One append is taken however large it is.
  const bool full = stopping_ || queue_.size() >= limits_.appends_max ||
                    (!queue_.empty() && queued_bytes_ + bytes > limits_.bytes_max);
  if (full) return false;
  queue_.push_back(std::move(append));
  queued_bytes_ += bytes;
  if (!put_off && !busy_) changed_.NotifyAll();
  return true;
}

bool Committer::Run(UniqueFunction<void()>& task) {
  const MutexLock lock(mutex_);
  if (stopping_) return false;
  tasks_.push_back(std::move(task));
  changed_.NotifyAll();
  return true;
}

std::size_t Committer::depth() const {
  const MutexLock lock(mutex_);
  return queue_.size();
}

std::chrono::nanoseconds Committer::running() const {
  const MutexLock lock(mutex_);
  return busy_ ? Clock::now() - last_began_ : std::chrono::nanoseconds(0);
}

void Committer::OnTurnEnd() {
  const MutexLock lock(mutex_);
  if (busy_ || queue_.empty()) return;  // whoever is at it goes on with what has gathered
  const bool sleeps = idle_told_;
  const bool own = queue_.size() <= kSmallGroupAppends && last_ended_ - last_began_ < kQuick;
  if (own) CommitGathered();
  if (!own || sleeps || stopping_ || !queue_.empty()) changed_.NotifyAll();
}

// Tells of idleness where nothing has gathered.
void Committer::CommitGathered() {
  std::vector<PendingAppend> group = std::exchange(queue_, {});
  queued_bytes_ = 0;
  idle_told_ = group.empty();
  busy_ = true;
  last_began_ = Clock::now();
  mutex_.Unlock();
  if (group.empty()) {
    target_.OnIdle();
  } else {
    target_.Commit(group);
  }
  mutex_.Lock();
  busy_ = false;
  last_ended_ = Clock::now();
}

void Committer::RunTasks() {
  std::vector<UniqueFunction<void()>> tasks = std::exchange(tasks_, {});
  busy_ = true;
  last_began_ = Clock::now();
  mutex_.Unlock();
  for (UniqueFunction<void()>& task : tasks) task();
  mutex_.Lock();
  busy_ = false;
}

void Committer::Run() {
  const MutexLock lock(mutex_);
  for (;;) {
    // The end of a group that another thread commits is not always told.
    const auto idle_at = (busy_ ? Clock::now() : last_ended_) + kIdleTime;
    const bool idle = stopping_ || Clock::now() >= idle_at;
    if (!busy_ && !tasks_.empty()) {
      RunTasks();
    } else if (queue_.empty() && idle_told_ && !stopping_) {
      changed_.Wait(mutex_);
    } else if (!busy_ && (!queue_.empty() || (idle && !idle_told_))) {
      CommitGathered();
    } else if (!busy_ && stopping_) {
      return;
    } else {
      changed_.WaitUntil(mutex_, idle_at);
    }
  }
}

}  // namespace daybook::disk
