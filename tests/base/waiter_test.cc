#include "base/waiter.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace daybook {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Outcome = Waiter::Outcome;

class WaiterTest : public testing::Test {
 protected:
  WaiterTest() {
    EXPECT_EQ(::pipe(ends_), 0);
    EXPECT_EQ(::pipe(stop_), 0);
  }
  ~WaiterTest() override {
    for (const int fd : {ends_[0], ends_[1], stop_[0], stop_[1]}) ::close(fd);
  }

  int ends_[2];
  int stop_[2];
  Waiter waiter_;
};

TEST_F(WaiterTest, AWaitEndsWithWhatItIsForOrWithItsDeadline) {
  const auto soon = steady_clock::now() + milliseconds(10);
  EXPECT_EQ(waiter_.Await(ends_[0], POLLIN, soon), Outcome::kDeadline);
  EXPECT_GE(steady_clock::now(), soon);
  EXPECT_EQ(waiter_.Await(ends_[1], POLLOUT, Waiter::Deadline::max()), Outcome::kReady);
  EXPECT_EQ(waiter_.Await(ends_[0], POLLIN, Waiter::Deadline::min()), Outcome::kDeadline);
  EXPECT_EQ(waiter_.Sleep(milliseconds(1)), Outcome::kDeadline);
}

TEST_F(WaiterTest, AnInterruptionCountsBeforeWhatIsReady) {
  waiter_.InterruptBy(stop_[0], POLLIN);
  EXPECT_FALSE(waiter_.interrupted());
  ASSERT_EQ(::write(stop_[1], "x", 1), 1);
  EXPECT_TRUE(waiter_.interrupted());
  EXPECT_EQ(waiter_.Await(ends_[1], POLLOUT, Waiter::Deadline::max()), Outcome::kInterrupted);
  EXPECT_EQ(waiter_.Sleep(milliseconds(20'000)), Outcome::kInterrupted);
}

TEST_F(WaiterTest, APipeThatItsReaderHasClosedInterruptsWithoutEvents) {
  waiter_.InterruptBy(ends_[1], 0);
  EXPECT_FALSE(waiter_.interrupted());
  ::close(ends_[0]);
  EXPECT_TRUE(waiter_.interrupted());
  ends_[0] = ::dup(ends_[1]);  // so that it can be closed again
}

}  // namespace
}  // namespace daybook
