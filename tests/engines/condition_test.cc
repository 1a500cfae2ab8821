// Conditional appends: expected_next_offset.

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "engines/conformance.h"

namespace daybook::engines {
namespace {

class ConditionTest : public ConformanceTest {
 protected:
  static AppendOptions At(std::uint64_t offset, const std::string& key = "") {
    return {Offset(offset), key};
  }
  // That the condition did not hold, and nothing came of the append.
  static void ExpectRefused(Log& log, const Result<Appended>& refused, std::uint64_t end) {
    EXPECT_EQ(refused.status().code(), StatusCode::kConditionFailed);
    EXPECT_EQ(refused.status().offset(), Offset(end));
    EXPECT_EQ(End(log), end);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, ConditionTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(ConditionTest, HoldsOnAnEmptyLogAtZeroOnly) {
  const LogHandle log = NewLog();
  ExpectRefused(*log, Append(*log, "a", At(1)), 0);
  EXPECT_EQ(Append(*log, "a", At(0))->first_offset, Offset(0));
}

TEST_P(ConditionTest, HoldsAtTheEndAndNeitherBeforeNorBehindIt) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Batch(3)).ok());
  for (const std::uint64_t other : {0, 2, 4, 1'000})
    ExpectRefused(*log, Append(*log, Values({"a", "b"}), At(other)), 3);
  ExpectRefused(*log, Append(*log, "a", At(UINT64_MAX)), 3);
  const auto appended = Append(*log, Values({"a", "b"}), At(3));
  ASSERT_TRUE(appended.ok()) << appended.status().ToString();
  EXPECT_EQ(appended->first_offset, Offset(3));
  EXPECT_EQ(ReadValues(*log, 3), (std::vector<std::string>{"a", "b"}));
}

TEST_P(ConditionTest, HoldsAtTheEndOfALogThatWasTrimmed) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Batch(2)).ok());
  ASSERT_TRUE(Trim(*log, 2).ok());
  ExpectRefused(*log, Append(*log, "a", At(0)), 2);
  EXPECT_EQ(Append(*log, "a", At(2))->first_offset, Offset(2));
}

TEST_P(ConditionTest, OfTwoAppendsAtOneEndExactlyOneSucceeds) {
  const LogHandle log = NewLog();
  for (std::uint64_t round = 0; round < 100; ++round) {
    std::atomic<int> succeeded{0};
    std::atomic<int> refused{0};
    AtOnce(2, [&](int) {
      const auto appended = Append(*log, "v", At(round));
      if (appended.ok()) {
        EXPECT_EQ(appended->first_offset, Offset(round));
        ++succeeded;
      } else {
        EXPECT_EQ(appended.status().code(), StatusCode::kConditionFailed);
        EXPECT_EQ(appended.status().offset(), Offset(round + 1));
        ++refused;
      }
    });
    ASSERT_EQ(succeeded, 1);
    ASSERT_EQ(refused, 1);
  }
  EXPECT_EQ(End(*log), 100U);
}

TEST_P(ConditionTest, WritersThatGoByTheEndTheyAreToldLoseNothing) {
  constexpr int kThreads = 3;
  constexpr std::uint64_t kAppends = 20;
  const LogHandle log = NewLog();
  AtOnce(kThreads, [&](int) {
    std::uint64_t end = 0;
    for (std::uint64_t done = 0; done < kAppends;) {
      const auto appended = Append(*log, std::to_string(end), At(end));
      ASSERT_TRUE(appended.ok() || appended.status().code() == StatusCode::kConditionFailed)
          << appended.status().ToString();
      if (appended.ok()) ++done;
      end = appended.ok() ? appended->next_offset.value : appended.status().offset()->value;
    }
  });
  const std::vector<std::string> values = ReadValues(*log);
  ASSERT_EQ(values.size(), kThreads * kAppends);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], std::to_string(i));
}

TEST_P(ConditionTest, ARetryIsAnsweredBeforeTheConditionIsLookedAt) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, "v", At(0, "key")).ok());
  ASSERT_TRUE(Append(*log, "later").ok());
  for (const std::uint64_t expected : {0, 2, 7}) {
    const auto again = Append(*log, "v", At(expected, "key"));
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->first_offset, Offset(0));
    const auto other = Append(*log, "w", At(expected, "key"));
    EXPECT_EQ(other.status().code(), StatusCode::kKeyReused);
  }
  EXPECT_EQ(End(*log), 2U);
}

TEST_P(ConditionTest, TheKeyOfARefusedAppendIsNotRemembered) {
  const LogHandle log = NewLog();
  ExpectRefused(*log, Append(*log, "v", At(7, "key")), 0);
  const auto first = Append(*log, "other", At(0, "key"));
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_FALSE(first->replayed);
  EXPECT_EQ(ReadValues(*log), std::vector<std::string>{"other"});
}

}  // namespace
}  // namespace daybook::engines
