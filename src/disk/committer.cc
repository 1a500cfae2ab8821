#include "disk/committer.h"

#include <future>
#include <utility>

namespace daybook::disk {
namespace {

constexpr std::chrono::milliseconds kLookAgainAfter{200};

}  // namespace

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
  if (ended_) return false;
  tasks_.push_back(std::move(task));
  changed_.NotifyAll();
  return true;
}

bool Committer::RunAndWait(UniqueFunction<void()> task) {
  std::promise<void> done;
  UniqueFunction<void()> whole = [&] {
    task();
    done.set_value();
  };
  if (!Run(whole)) return false;
  done.get_future().wait();
  return true;
}

bool Committer::stopped() const {
  const MutexLock lock(mutex_);
  return stopping_;
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
  const bool own = tasks_.empty() && queue_.size() <= kSmallGroupAppends && last_took_ < kQuick;
  if (own) CommitGathered();
  if (!own || sleeps_ || stopping_ || !queue_.empty() || !tasks_.empty()) changed_.NotifyAll();
}

template <typename Work>
void Committer::Do(Work work) {
  busy_ = true;
  last_began_ = Clock::now();
  mutex_.Unlock();
  work();
  const std::optional<Clock::time_point> idle_at = target_.idle_at();
  mutex_.Lock();
  busy_ = false;
  idle_at_ = idle_at;
}

void Committer::CommitGathered() {
  std::vector<PendingAppend> group = std::exchange(queue_, {});
  queued_bytes_ = 0;
  Do([&] { target_.Commit(group); });
  last_took_ = Clock::now() - last_began_;
}

void Committer::Run() {
  const MutexLock lock(mutex_);
  for (;;) {
    if (busy_) {
      // The end of a group that another thread commits is not always told.
      changed_.WaitUntil(mutex_, Clock::now() + kLookAgainAfter);
    } else if (!tasks_.empty()) {
      Do([tasks = std::exchange(tasks_, {})]() mutable {
        for (UniqueFunction<void()>& task : tasks) task();
      });
    } else if (!queue_.empty()) {
      CommitGathered();
    } else if (stopping_) {
      ended_ = true;
      return;
    } else if (idle_at_ && Clock::now() >= *idle_at_) {
      Do([this] { target_.OnIdle(); });
    } else if (idle_at_) {
      changed_.WaitUntil(mutex_, *idle_at_);
    } else {
      sleeps_ = true;
      changed_.Wait(mutex_);
      sleeps_ = false;
    }
  }
}

}  // namespace daybook::disk
