#include "http/timers.h"

#include <gtest/gtest.h>

namespace daybook::http {
namespace {

using std::chrono::milliseconds;

class TimersTest : public testing::Test {
 protected:
  static Limits SomeLimits() {
    Limits limits;
    limits.idle_timeout = milliseconds(100);
    limits.header_timeout = milliseconds(40);
    return limits;
  }
  int Expired(milliseconds after) {
    const Timer* timer = timers_.TakeExpired(start_ + after);
    return timer == nullptr ? -1 : timer->fd();
  }

  Timers timers_{SomeLimits()};
  SteadyTime start_{};
  Timer first_{1};
  Timer second_{2};
};

TEST_F(TimersTest, ExpireInTheirTimeAndOnce) {
  timers_.Start(first_, TimerKind::kIdle, start_);
  timers_.Start(second_, TimerKind::kHeader, start_);
  EXPECT_EQ(Expired(milliseconds(39)), -1);
  EXPECT_EQ(Expired(milliseconds(40)), 2);
  EXPECT_EQ(Expired(milliseconds(99)), -1);
  EXPECT_EQ(Expired(milliseconds(100)), 1);
  EXPECT_EQ(Expired(milliseconds(1000)), -1);
  EXPECT_FALSE(first_.running());
}

TEST_F(TimersTest, StartingAnewCountsFromThen) {
  timers_.Start(first_, TimerKind::kIdle, start_);
  timers_.Start(second_, TimerKind::kIdle, start_);
  timers_.Start(first_, TimerKind::kIdle, start_ + milliseconds(50));
  EXPECT_EQ(Expired(milliseconds(100)), 2);
  EXPECT_EQ(Expired(milliseconds(149)), -1);
  EXPECT_EQ(Expired(milliseconds(150)), 1);
}

TEST_F(TimersTest, AStoppedOrDestroyedTimerNeverExpires) {
  {
    Timer gone(3);
    timers_.Start(gone, TimerKind::kIdle, start_);
  }
  timers_.Start(first_, TimerKind::kIdle, start_);
  Timers::Stop(first_);
  EXPECT_EQ(Expired(milliseconds(1000)), -1);
}

}  // namespace
}  // namespace daybook::http
