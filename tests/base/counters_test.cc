#include "base/counters.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

TEST(DurationHistogram, DurationsFallIntoTheFirstBucketThatHoldsThem) {
  DurationHistogram<Counter> counted;
  counted.Observe(std::chrono::microseconds(10));
  counted.Observe(std::chrono::nanoseconds(10'001));
  counted.Observe(std::chrono::seconds(11));
  DurationHistogram<std::uint64_t> sum;
  AddTo(sum, counted);
  AddTo(sum, counted);
  EXPECT_EQ(sum.buckets.front(), 2U);
  EXPECT_EQ(sum.buckets[1], 2U);
  EXPECT_EQ(sum.buckets.back(), 2U);
  EXPECT_EQ(sum.sum_ns, 2U * 11'000'020'001U);
}

}  // namespace
}  // namespace daybook
