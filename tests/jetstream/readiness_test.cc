#include "jetstream/readiness.h"

#include <gtest/gtest.h>

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

class ReadinessTest : public testing::Test {
 protected:
  bool After(int milliseconds_later, bool in_reach) {
    now_ += milliseconds(milliseconds_later);
    readiness_.Note(in_reach, now_);
    return readiness_.ready();
  }

  Readiness readiness_;
  Readiness::Time now_ = Readiness::Time() + std::chrono::hours(1);
};

TEST_F(ReadinessTest, ItIsReadyAsSoonAsItWasInReachOnce) {
  EXPECT_FALSE(readiness_.ready());
  EXPECT_FALSE(After(60'000, false));
  EXPECT_TRUE(After(1, true));
}

TEST_F(ReadinessTest, AShortLossChangesNothing) {
  After(0, true);
  EXPECT_TRUE(After(1'000, false));
  EXPECT_TRUE(After(4'999, false));
  EXPECT_TRUE(After(0, true));
  EXPECT_TRUE(After(1, false));
  EXPECT_TRUE(After(4'999, false));
}

TEST_F(ReadinessTest, FiveSecondsOutOfReachAreTooLong) {
  After(0, true);
  After(1'000, false);
  EXPECT_FALSE(After(5'000, false));
}

TEST_F(ReadinessTest, ItComesBackAfterTwoSecondsInReach) {
  After(0, true);
  After(0, false);
  EXPECT_FALSE(After(5'000, false));
  EXPECT_FALSE(After(1, true));
  EXPECT_FALSE(After(1'999, true));
  EXPECT_FALSE(After(0, false));
  EXPECT_FALSE(After(1, true));
  EXPECT_TRUE(After(2'000, true));
}

}  // namespace
}  // namespace daybook::jetstream
