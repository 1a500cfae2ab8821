// Watches: told of every move of a log, on time for whoever looks after each.

#include "log/watch.h"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "engines/conformance.h"

namespace daybook::engines {
namespace {

// Counts what it is told, for those who wait for more.
class Told {
 public:
  UniqueFunction<void()> Counting() {
    return [this] {
      const MutexLock lock(mutex_);
      ++count_;
      changed_.NotifyAll();
    };
  }
  int count() {
    const MutexLock lock(mutex_);
    return count_;
  }
  bool AwaitMoreThan(int count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    const MutexLock lock(mutex_);
    while (count_ <= count) {
      if (!changed_.WaitUntil(mutex_, deadline) && count_ <= count) return false;
    }
    return true;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int count_ GUARDED_BY(mutex_) = 0;
};

class WatchTest : public ConformanceTest {};
INSTANTIATE_TEST_SUITE_P(Engines, WatchTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(WatchTest, AnAppendIsToldToAllWhoWatch) {
  const LogHandle log = NewLog();
  Told first;
  Told second;
  const log::Watch watch(log, first.Counting());
  const log::Watch other(log, second.Counting());
  ASSERT_TRUE(Append(*log, "a").ok());
  EXPECT_TRUE(first.AwaitMoreThan(0));
  EXPECT_TRUE(second.AwaitMoreThan(0));
}

TEST_P(WatchTest, ADeletionIsTold) {
  const LogHandle log = NewLog();
  Told told;
  const log::Watch watch(log, told.Counting());
  ASSERT_TRUE(Delete(store(), log).ok());
  EXPECT_TRUE(told.AwaitMoreThan(0));
  EXPECT_EQ(Info(*log).status().code(), StatusCode::kLogDeleted);
}

TEST_P(WatchTest, AnotherLogsMovesAreNotTold) {
  const LogHandle log = NewLog();
  const LogHandle other = NewLog();
  Told told;
  Told told_of_other;
  const log::Watch watch(log, told.Counting());
  const log::Watch watch_of_other(other, told_of_other.Counting());
  ASSERT_TRUE(Append(*other, "a").ok());
  ASSERT_TRUE(told_of_other.AwaitMoreThan(0));
  EXPECT_EQ(told.count(), 0);
}

TEST_P(WatchTest, OneThatWasDestroyedIsToldNothingMore) {
  const LogHandle log = NewLog();
  for (int i = 0; i < 20; ++i) {
    std::atomic<bool> is_there{true};
    std::atomic<bool> was_told_late{false};
    auto watch = std::make_unique<log::Watch>(log, [&] {
      if (!is_there) was_told_late = true;
    });
    std::thread appender([&] { EXPECT_TRUE(Append(*log, "a").ok()); });
    watch.reset();
    is_there = false;
    appender.join();
    EXPECT_FALSE(was_told_late);
  }
}

TEST_P(WatchTest, WhoeverLooksAfterEachMoveMissesNothing) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  const LogHandle log = NewLog();
  Told told;
  const log::Watch watch(log, told.Counting());
  auto seen = std::async(std::launch::async, [&] {
    for (std::uint64_t next = 0;;) {
      const int before = told.count();
      const auto page = Read(*log, next);
      if (!page.ok()) return std::string(page.status().message());
      next += page->records.size();
      if (next == kThreads * kEach) return std::string();
      if (page->records.empty() && !told.AwaitMoreThan(before))
        return "nothing was told behind " + std::to_string(next);
    }
  });
  AtOnce(kThreads, [&](int) {
    for (int i = 0; i < kEach; ++i) EXPECT_TRUE(Append(*log, "a").ok());
  });
  EXPECT_EQ(seen.get(), "");
}

}  // namespace
}  // namespace daybook::engines
