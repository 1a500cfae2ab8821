#include "jetstream/stored_notices.h"

#include <gtest/gtest.h>

#include <optional>

namespace daybook::jetstream {
namespace {

class StoredNoticesTest : public testing::Test {
 protected:
  // The time that is told, or none yet.
  std::optional<std::int64_t> Ask(std::uint64_t sequence) {
    std::optional<std::int64_t> told;
    notices_.Await(sequence,
                   [&](const Result<Stored>& stored) { told = stored->time.milliseconds; });
    if (!told) (void)notices_.Take(sequence);
    return told;
  }
  void Note(std::uint64_t sequence, std::int64_t time_ms) {
    notices_.Note(sequence, {Timestamp(time_ms), 0});
  }

  StoredNotices notices_;
};

TEST_F(StoredNoticesTest, WhatWasToldIsKnownAndNothingElse) {
  for (const std::uint64_t sequence : {3, 5, 9})
    Note(sequence, static_cast<std::int64_t>(sequence) * 10);
  EXPECT_EQ(Ask(3), 30);
  EXPECT_EQ(Ask(5), 50);
  EXPECT_EQ(Ask(9), 90);
  for (const std::uint64_t sequence : {2, 4, 10}) EXPECT_FALSE(Ask(sequence));
}

TEST_F(StoredNoticesTest, WhoAsksBeforeIsToldThen) {
  std::int64_t sum = 0;
  const auto add = [&](const Result<Stored>& stored) { sum += stored->time.milliseconds; };
  EXPECT_FALSE(notices_.Await(1, add));
  EXPECT_FALSE(notices_.Await(1, add));
  EXPECT_FALSE(notices_.Await(2, add));
  Note(1, 100);
  EXPECT_EQ(sum, 200);
  Note(1, 100);
  EXPECT_EQ(sum, 200);
  EXPECT_TRUE(notices_.Await(1, add));
  EXPECT_EQ(sum, 300);
}

TEST_F(StoredNoticesTest, WhoIsTakenBackIsNotTold) {
  bool told = false;
  notices_.Await(1, [&](const Result<Stored>&) { told = true; });
  EXPECT_EQ(notices_.Take(1).size(), 1U);
  EXPECT_TRUE(notices_.Take(1).empty());
  Note(1, 1);
  EXPECT_FALSE(told);
}

TEST_F(StoredNoticesTest, AnotherLeaderTellsAnew) {
  for (const std::uint64_t sequence : {1, 2, 3}) Note(sequence, 1);
  Note(2, 7);
  EXPECT_EQ(Ask(1), 1);
  EXPECT_EQ(Ask(2), 7);
  EXPECT_FALSE(Ask(3));
}

TEST_F(StoredNoticesTest, OnlyTheNewestAreKept) {
  for (std::uint64_t sequence = 1; sequence <= 10'000; ++sequence) Note(sequence, 1);
  EXPECT_FALSE(Ask(1));
  EXPECT_EQ(Ask(10'000), 1);
  EXPECT_EQ(Ask(9'500), 1);
}

}  // namespace
}  // namespace daybook::jetstream
