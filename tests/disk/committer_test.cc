#include "disk/committer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace daybook::disk {
namespace {

// Notes on which thread each group was committed, and can be held up in it.
class Target : public CommitTarget {
 public:
  static constexpr std::chrono::milliseconds kIdleTime{50};

  struct Group {
    std::size_t appends;
    std::thread::id thread;
  };

  void Commit(std::vector<PendingAppend>& group) override {
    {
      const MutexLock lock(mutex_);
      ++inside_;
      EXPECT_EQ(inside_, 1) << "two groups at once";
      groups_.push_back({group.size(), std::this_thread::get_id()});
      changed_.NotifyAll();
      while (held_) changed_.Wait(mutex_);
      --inside_;
    }
    idle_at_ = Clock::now() + kIdleTime;
    for (PendingAppend& append : group) append.done(log::Appended());
  }
  std::optional<Clock::time_point> idle_at() const override { return idle_at_; }
  void OnIdle() override {
    EXPECT_GE(Clock::now(), idle_at_);
    idle_at_.reset();
    const MutexLock lock(mutex_);
    ++idle_;
    changed_.NotifyAll();
  }

  void Hold(bool held) {
    const MutexLock lock(mutex_);
    held_ = held;
    changed_.NotifyAll();
  }
  std::vector<Group> AwaitGroups(std::size_t count) {
    const MutexLock lock(mutex_);
    while (groups_.size() < count) changed_.Wait(mutex_);
    return groups_;
  }
  void AwaitIdle(int count) {
    const MutexLock lock(mutex_);
    while (idle_ < count) changed_.Wait(mutex_);
  }

 private:
  std::optional<Clock::time_point> idle_at_;  // used under the committer
  Mutex mutex_;
  CondVar changed_;
  bool held_ GUARDED_BY(mutex_) = false;
  int inside_ GUARDED_BY(mutex_) = 0;
  int idle_ GUARDED_BY(mutex_) = 0;
  std::vector<Group> groups_ GUARDED_BY(mutex_);
};

bool Enqueue(
    Committer& committer, log::AppendDone done = [](const Result<log::Appended>&) {}) {
  PendingAppend append;
  append.frame.bytes.assign(100, 'f');
  append.done = std::move(done);
  return committer.Enqueue(append);
}

// A group that is under way until the target is let go.
void HoldAGroup(Target& target, Committer& committer) {
  target.Hold(true);
  EXPECT_TRUE(Enqueue(committer));
  target.AwaitGroups(1);
}

constexpr Committer::Limits kLimits;
constexpr int kTries = 100;

TEST(CommitterTest, ASmallGroupOfATurnIsCommittedAtItsEndByItsThread) {
  for (int tries = 1;; ++tries) {
    Target target;
    std::atomic<bool> answered{false};
    std::size_t depth = 0;
    bool answered_at_end = false;
    Committer committer(target, kLimits);
    {
      Turn turn;
      EXPECT_TRUE(Enqueue(committer));
      EXPECT_TRUE(Enqueue(committer, [&](const Result<log::Appended>&) { answered = true; }));
      depth = committer.depth();
      turn.Finish();
      answered_at_end = answered;
    }
    const Target::Group group = target.AwaitGroups(1).front();
    // The committer's thread, which begins only now, may find them first.
    if (group.thread != std::this_thread::get_id() && tries < kTries) continue;
    EXPECT_EQ(depth, 2U);
    EXPECT_TRUE(answered_at_end);
    EXPECT_EQ(group.appends, 2U);
    EXPECT_EQ(group.thread, std::this_thread::get_id());
    break;
  }
}

TEST(CommitterTest, ALargeGroupAndOneOutsideATurnAreTheOtherThreads) {
  for (int tries = 1;; ++tries) {
    Target target;
    Committer committer(target, kLimits);
    {
      Turn turn;
      for (std::size_t i = 0; i <= Committer::kSmallGroupAppends; ++i)
        EXPECT_TRUE(Enqueue(committer));
    }
    const Target::Group group = target.AwaitGroups(1).front();
    // Its thread, which begins only now, may leave but a small one.
    if (group.appends <= Committer::kSmallGroupAppends && tries < kTries) continue;
    EXPECT_NE(group.thread, std::this_thread::get_id());
    EXPECT_TRUE(Enqueue(committer));
    EXPECT_NE(target.AwaitGroups(2).back().thread, std::this_thread::get_id());
    break;
  }
}

TEST(CommitterTest, ATurnIsHeldUpNeitherByAGroupUnderWayNorAfterASlowOne) {
  Target target;
  Committer committer(target, kLimits);
  HoldAGroup(target, committer);
  while (committer.running() < Committer::kQuick) std::this_thread::yield();
  {
    Turn turn;
    EXPECT_TRUE(Enqueue(committer));
  }
  target.Hold(false);
  EXPECT_NE(target.AwaitGroups(2).back().thread, std::this_thread::get_id());

  Target slow;
  Committer behind(slow, kLimits);
  HoldAGroup(slow, behind);
  while (behind.running() < Committer::kQuick) std::this_thread::yield();
  slow.Hold(false);
  while (behind.running().count() > 0) std::this_thread::yield();
  {
    Turn turn;
    EXPECT_TRUE(Enqueue(behind));
  }
  EXPECT_NE(slow.AwaitGroups(2).back().thread, std::this_thread::get_id());
}

TEST(CommitterTest, WhatComesDuringAGroupIsTheNext) {
  Target target;
  Committer committer(target, kLimits);
  HoldAGroup(target, committer);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Enqueue(committer));
  EXPECT_GT(committer.running().count(), 0);
  target.Hold(false);
  EXPECT_EQ(target.AwaitGroups(2).back().appends, 10U);
}

TEST(CommitterTest, IdlenessIsToldOnceAfterTheLastGroupOfWhateverThread) {
  Target target;
  Committer committer(target, kLimits);
  EXPECT_TRUE(Enqueue(committer));
  target.AwaitIdle(1);
  {
    Turn turn;
    EXPECT_TRUE(Enqueue(committer));
  }
  target.AwaitIdle(2);
}

TEST(CommitterTest, IdlenessIsToldAfterAGroupOfATurnThatTookLong) {
  Target target;
  Committer committer(target, kLimits);
  target.Hold(true);
  std::thread worker([&] {
    Turn turn;
    EXPECT_TRUE(Enqueue(committer));
  });
  target.AwaitGroups(1);
  while (committer.running() < 2 * Target::kIdleTime) std::this_thread::yield();
  target.Hold(false);
  worker.join();
  target.AwaitIdle(1);
}

TEST(CommitterTest, AStopCommitsWhatWaitsAndTakesNothingMore) {
  Target target;
  Committer committer(target, kLimits);
  int answered = 0;
  const auto count = [&](const Result<log::Appended>&) { ++answered; };
  {
    Turn turn;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(Enqueue(committer, count));
    committer.Stop();
    EXPECT_EQ(answered, 3);
    EXPECT_FALSE(Enqueue(committer, count));
  }
  EXPECT_EQ(answered, 3);
}

TEST(CommitterTest, MoreThanMayWaitIsRefused) {
  Target target;
  Committer committer(target, {3, 250});
  HoldAGroup(target, committer);
  EXPECT_TRUE(Enqueue(committer));
  EXPECT_TRUE(Enqueue(committer));
  EXPECT_FALSE(Enqueue(committer));  // 300 bytes
  target.Hold(false);
}

TEST(CommitterTest, TurnsOfManyThreadsLoseNothing) {
  Target target;
  std::atomic<int> answered{0};
  constexpr int kThreads = 4;
  constexpr int kTurns = 500;
  {
    Committer committer(target, kLimits);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kTurns; ++i) {
          Turn turn;
          for (int each = 0; each <= (i + t) % 7; ++each)
            ASSERT_TRUE(Enqueue(committer, [&](const Result<log::Appended>&) { ++answered; }));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  int expected = 0;
  for (int t = 0; t < kThreads; ++t)
    for (int i = 0; i < kTurns; ++i) expected += (i + t) % 7 + 1;
  EXPECT_EQ(answered, expected);
}

}  // namespace
}  // namespace daybook::disk
