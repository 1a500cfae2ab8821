// Timers and Workers.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

#include "jetstream/timers.h"
#include "jetstream/workers.h"

namespace daybook::jetstream {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Timers, TasksRunInTheOrderOfTheirTimes) {
  std::string ran;
  std::promise<void> last;
  Timers timers;
  timers.RunAfter(milliseconds(3'000), [&] {
    ran += "c";
    last.set_value();
  });
  timers.RunAfter(milliseconds(0), [&] { ran += "a"; });
  timers.RunAfter(milliseconds(1'000), [&] { ran += "b"; });
  last.get_future().get();
  EXPECT_EQ(ran, "abc");
}

TEST(Timers, ATaskMayGiveAnother) {
  std::promise<void> done;
  Timers timers;
  timers.RunAfter(milliseconds(0),
                  [&] { timers.RunAfter(milliseconds(1), [&] { done.set_value(); }); });
  done.get_future().get();
}

TEST(Timers, AStopRunsWhatIsLeftAtOnce) {
  int ran = 0;
  Timers timers;
  timers.RunAfter(hours(1), [&] { ++ran; });
  timers.RunAfter(hours(2), [&] { timers.RunAfter(hours(1), [&] { ++ran; }); });
  timers.Stop();
  EXPECT_EQ(ran, 2);
  timers.RunAfter(hours(1), [&] { ++ran; });
  EXPECT_EQ(ran, 3);
}

TEST(Workers, TasksThatWaitForEachOtherRunSideBySide) {
  std::promise<void> first;
  std::promise<void> second;
  {
    Workers workers(2);
    workers.Run([&] { second.get_future().get(); });
    workers.Run([&] {
      second.set_value();
      first.set_value();
    });
    first.get_future().get();
  }
}

TEST(Workers, AStopWaitsForAllThatWasGiven) {
  std::atomic<int> ran{0};
  Workers workers(2);
  for (int i = 0; i < 100; ++i) workers.Run([&] { ++ran; });
  workers.Stop();
  EXPECT_EQ(ran, 100);
  workers.Run([&] { ++ran; });
  EXPECT_EQ(ran, 101);
}

}  // namespace
}  // namespace daybook::jetstream
