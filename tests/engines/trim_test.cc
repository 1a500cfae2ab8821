// Trims.

#include <cstdint>
#include <string>
#include <vector>

#include "engines/conformance.h"

namespace daybook::engines {
namespace {

class TrimTest : public ConformanceTest {
 protected:
  // A new log with the values "0", "1"...
  LogHandle Filled(std::uint64_t records) {
    LogHandle log = NewLog();
    for (std::uint64_t i = 0; i < records; ++i) EXPECT_TRUE(Append(*log, std::to_string(i)).ok());
    return log;
  }
  static void ExpectExtent(const Result<LogInfo>& info, std::uint64_t first, std::uint64_t next) {
    ASSERT_TRUE(info.ok()) << info.status().ToString();
    EXPECT_EQ(info->first_offset, Offset(first));
    EXPECT_EQ(info->next_offset, Offset(next));
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, TrimTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(TrimTest, TakesWhatIsBelowAndNothingElse) {
  const LogHandle log = Filled(5);
  ExpectExtent(Trim(*log, 2), 2, 5);
  ExpectExtent(Info(*log), 2, 5);
  EXPECT_EQ(ReadValues(*log, 2), (std::vector<std::string>{"2", "3", "4"}));
}

TEST_P(TrimTest, OfAPartOfABatchLeavesTheRest) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Values({"0", "1", "2", "3"})).ok());
  ExpectExtent(Trim(*log, 3), 3, 4);
  EXPECT_EQ(Read(*log, 2).status().code(), StatusCode::kTrimmed);
  EXPECT_EQ(ReadValues(*log, 3), std::vector<std::string>{"3"});
}

TEST_P(TrimTest, WhatWasTrimmedIsRefusedWithTheFirstOffset) {
  const LogHandle log = Filled(5);
  ASSERT_TRUE(Trim(*log, 3).ok());
  for (const std::uint64_t from : {0, 1, 2}) {
    const auto trimmed = Read(*log, from);
    EXPECT_EQ(trimmed.status().code(), StatusCode::kTrimmed);
    EXPECT_EQ(trimmed.status().offset(), Offset(3));
  }
}

TEST_P(TrimTest, TakesNothingTwiceOrBelowTheFirst) {
  const LogHandle log = Filled(5);
  ExpectExtent(Trim(*log, 0), 0, 5);
  for (const std::uint64_t before : {3, 3, 2, 0}) ExpectExtent(Trim(*log, before), 3, 5);
  EXPECT_EQ(ReadValues(*log, 3), (std::vector<std::string>{"3", "4"}));
}

TEST_P(TrimTest, BehindTheEndIsRefusedAndTakesNothing) {
  const LogHandle log = Filled(2);
  for (const std::uint64_t before : {std::uint64_t{3}, UINT64_MAX}) {
    const auto refused = Trim(*log, before);
    EXPECT_EQ(refused.status().code(), StatusCode::kBeyondEnd);
    EXPECT_EQ(refused.status().offset(), Offset(2));
  }
  ExpectExtent(Info(*log), 0, 2);
  ASSERT_TRUE(Trim(*log, 2).ok());
  EXPECT_EQ(Trim(*log, 3).status().code(), StatusCode::kBeyondEnd);
}

TEST_P(TrimTest, OffsetsGoOnAfterAllWasTrimmed) {
  const LogHandle log = Filled(5);
  ExpectExtent(Trim(*log, 5), 5, 5);
  const auto page = Read(*log, 5);
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  EXPECT_TRUE(page->records.empty());
  EXPECT_EQ(page->first_offset, Offset(5));
  EXPECT_EQ(Append(*log, "next")->first_offset, Offset(5));
  ExpectExtent(Info(*log), 5, 6);
  EXPECT_EQ(ReadValues(*log, 5), std::vector<std::string>{"next"});
}

TEST_P(TrimTest, OfAnEmptyLogAtZeroIsFine) {
  const LogHandle log = NewLog();
  ExpectExtent(Trim(*log, 0), 0, 0);
  EXPECT_EQ(Append(*log, "a")->first_offset, Offset(0));
}

TEST_P(TrimTest, LeavesOtherLogs) {
  const LogHandle log = Filled(3);
  const LogHandle other = Filled(3);
  ASSERT_TRUE(Trim(*log, 3).ok());
  ExpectExtent(Info(*other), 0, 3);
  EXPECT_EQ(ReadValues(*other).size(), 3U);
}

TEST_P(TrimTest, BesideReadsTakesNothingThatIsNotBelow) {
  constexpr std::uint64_t kRecords = 300;
  const LogHandle log = NewLog();
  for (std::uint64_t i = 0; i < kRecords; i += 3) {
    ASSERT_TRUE(
        Append(*log, Values({std::to_string(i), std::to_string(i + 1), std::to_string(i + 2)}))
            .ok());
  }
  AtOnce(2, [&](int thread) {
    if (thread == 0) {
      for (std::uint64_t before = 1; before <= kRecords; before += 3)
        ASSERT_TRUE(Trim(*log, before).ok());
      return;
    }
    for (std::uint64_t next = 0; next < kRecords;) {
      const auto page = Read(*log, next, {5, 1'000});
      if (page.status().code() == StatusCode::kTrimmed) {
        ASSERT_GT(page.status().offset(), Offset(next));
        next = page.status().offset()->value;
        continue;
      }
      ASSERT_TRUE(page.ok()) << page.status().ToString();
      ASSERT_FALSE(page->records.empty());
      for (const log::RecordView& record : page->records)
        ASSERT_EQ(record.value, std::to_string(next++));
    }
  });
  ExpectExtent(Info(*log), kRecords - 2, kRecords);
}

}  // namespace
}  // namespace daybook::engines
