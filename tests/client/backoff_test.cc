#include "client/backoff.h"

#include <gtest/gtest.h>

namespace daybook::client {
namespace {

using std::chrono::milliseconds;

constexpr Backoff::Time kNow{std::chrono::hours(1)};

TEST(BackoffTest, PausesGrowUpToABoundAndVary) {
  Backoff backoff(std::nullopt);
  milliseconds longest = Backoff::kFirst;
  for (int i = 0; i < 20; ++i) {
    const auto pause = backoff.Next(kNow);
    ASSERT_TRUE(pause);
    EXPECT_GE(*pause, longest / 2);
    EXPECT_LE(*pause, longest);
    longest = std::min(longest * 2, Backoff::kLongest);
  }
  backoff.Reset();
  EXPECT_LE(backoff.Next(kNow), Backoff::kFirst);
}

TEST(BackoffTest, ItEndsWhenItHasFailedForLongEnough) {
  Backoff backoff(milliseconds(1000));
  EXPECT_TRUE(backoff.Next(kNow));
  EXPECT_TRUE(backoff.Next(kNow + milliseconds(500)));
  EXPECT_FALSE(backoff.Next(kNow + milliseconds(990)));
  backoff.Reset();
  EXPECT_TRUE(backoff.Next(kNow + milliseconds(5000)));
}

TEST(BackoffTest, PatienceMayBeLongerThanAnyClock) {
  Backoff backoff(std::chrono::hours(24) * 200'000);
  EXPECT_TRUE(backoff.Next(kNow));
  EXPECT_TRUE(backoff.Next(kNow + std::chrono::hours(9'000)));
}

TEST(BackoffTest, WhatTheServerAsksForIsKeptTo) {
  Backoff backoff(milliseconds(10'000));
  EXPECT_EQ(backoff.Next(kNow, milliseconds(7000)), milliseconds(7000));
  EXPECT_FALSE(backoff.Next(kNow, milliseconds(11'000)));
}

}  // namespace
}  // namespace daybook::client
