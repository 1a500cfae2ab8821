// Retries with an idempotency key.

#include <cstdint>
#include <string>
#include <vector>

#include "engines/conformance.h"

namespace daybook::engines {
namespace {

constexpr std::uint64_t kKeysMax = 200;
constexpr std::int64_t kWindowMs = 3'600'000;

class RetryTest : public ConformanceTest {
 protected:
  RetryTest() : ConformanceTest({{std::chrono::milliseconds(kWindowMs), kKeysMax}, {}}) {}

  static AppendOptions Keyed(const std::string& key) { return {std::nullopt, key}; }
  static void ExpectReplay(const Result<Appended>& again, const Appended& first) {
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->first_offset, first.first_offset);
    EXPECT_EQ(again->next_offset, first.next_offset);
    EXPECT_EQ(again->timestamp, first.timestamp);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, RetryTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(RetryTest, ARetryGetsTheFirstAnswerAndAppendsNothing) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, "before").ok());
  const auto first = Append(*log, Values({"a", "b"}), Keyed("key"));
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_FALSE(first->replayed);
  ASSERT_TRUE(Append(*log, "later").ok());
  if (ManualClock* clock = engine_->clock(); clock != nullptr)
    clock->Set(Timestamp(clock->Now().milliseconds + 1'000));
  for (int i = 0; i < 3; ++i) ExpectReplay(Append(*log, Values({"a", "b"}), Keyed("key")), *first);
  EXPECT_EQ(ReadValues(*log), (std::vector<std::string>{"before", "a", "b", "later"}));
}

TEST_P(RetryTest, AKeyThatWasUsedForOtherRecordsIsRefused) {
  const NewRecord record{"k", {{"name", "value"}, {"other", ""}}, "v"};
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, {record, record}, Keyed("key")).ok());
  std::vector<Batch> others(7, Batch{record, record});
  others[0].pop_back();
  others[1].push_back(record);
  others[2][1].value = "w";
  others[3][1].key = "l";
  others[4][1].key.reset();
  others[5][1].headers[0].second = "VALUE";
  std::swap(others[6][1].headers[0], others[6][1].headers[1]);
  for (const Batch& other : others)
    EXPECT_EQ(Append(*log, other, Keyed("key")).status().code(), StatusCode::kKeyReused);
  EXPECT_EQ(End(*log), 2U);
  EXPECT_TRUE(Append(*log, {record, record}, Keyed("key"))->replayed);
}

TEST_P(RetryTest, TheSameRecordsUnderAnotherKeyOrNoneAreAppendedAgain) {
  const LogHandle log = NewLog();
  for (const char* key : {"key", "", "", "KEY", "key "})
    EXPECT_FALSE(Append(*log, "v", Keyed(key))->replayed);
  EXPECT_EQ(End(*log), 5U);
}

TEST_P(RetryTest, AKeyMayHaveAnyBytesUpToItsMaximum) {
  const LogHandle log = NewLog();
  const std::string longest(log::kIdempotencyKeyBytesMax - 1, 'k');
  std::vector<Appended> firsts;
  const std::vector<std::string> keys = {longest + "a", longest + "b", std::string("\0", 1), "\xFF",
                                         ". */>"};
  for (const std::string& key : keys) {
    const auto first = Append(*log, "v", Keyed(key));
    ASSERT_TRUE(first.ok()) << first.status().ToString();
    EXPECT_FALSE(first->replayed);
    firsts.push_back(*first);
  }
  for (std::size_t i = 0; i < keys.size(); ++i)
    ExpectReplay(Append(*log, "v", Keyed(keys[i])), firsts[i]);
}

TEST_P(RetryTest, EachLogHasKeysOfItsOwn) {
  const LogHandle a = NewLog();
  const LogHandle b = NewLog();
  EXPECT_FALSE(Append(*a, "v", Keyed("key"))->replayed);
  EXPECT_FALSE(Append(*b, "other", Keyed("key"))->replayed);
  EXPECT_EQ(ReadValues(*b), std::vector<std::string>{"other"});
  EXPECT_TRUE(Append(*a, "v", Keyed("key"))->replayed);
}

TEST_P(RetryTest, ARetryBesideTheFirstGetsItsAnswer) {
  const LogHandle log = NewLog();
  for (std::uint64_t round = 0; round < 100; ++round) {
    std::vector<Appended> answers(2);
    AtOnce(2, [&](int thread) {
      const auto appended = Append(*log, "v", Keyed(std::to_string(round)));
      ASSERT_TRUE(appended.ok()) << appended.status().ToString();
      answers[thread] = *appended;
    });
    ASSERT_NE(answers[0].replayed, answers[1].replayed);
    for (const Appended& answer : answers) ASSERT_EQ(answer.first_offset, Offset(round));
    ASSERT_EQ(answers[0].timestamp, answers[1].timestamp);
  }
  EXPECT_EQ(End(*log), 100U);
}

TEST_P(RetryTest, OfTwoBatchesUnderOneKeyAtOnceOneIsAppended) {
  const LogHandle log = NewLog();
  for (std::uint64_t round = 0; round < 100; ++round) {
    std::vector<StatusCode> codes(2);
    AtOnce(2, [&](int thread) {
      codes[thread] =
          Append(*log, std::to_string(thread), Keyed(std::to_string(round))).status().code();
    });
    EXPECT_THAT(codes, testing::UnorderedElementsAre(StatusCode::kOk, StatusCode::kKeyReused));
    ASSERT_EQ(End(*log), round + 1);
  }
}

TEST_P(RetryTest, AKeyOutlivesTheRecordsThatItWasUsedFor) {
  const LogHandle log = NewLog();
  const auto first = Append(*log, "v", Keyed("key"));
  ASSERT_TRUE(Trim(*log, 1).ok());
  ExpectReplay(Append(*log, "v", Keyed("key")), *first);
  EXPECT_EQ(End(*log), 1U);
}

TEST_P(RetryTest, AKeyIsForgottenForSoManyNewerOnes) {
  const LogHandle log = NewLog();
  const auto keys_max = Info(*log)->idempotency.keys_max;
  if (!keys_max) GTEST_SKIP() << "the engine remembers every key for its time";
  EXPECT_EQ(keys_max, kKeysMax);
  for (std::uint64_t key = 0; key <= kKeysMax; ++key)
    ASSERT_TRUE(Append(*log, "v", Keyed(std::to_string(key))).ok());
  EXPECT_TRUE(Append(*log, "v", Keyed("1"))->replayed);
  EXPECT_TRUE(Append(*log, "v", Keyed(std::to_string(kKeysMax)))->replayed);
  EXPECT_FALSE(Append(*log, "other", Keyed("0"))->replayed);
}

TEST_P(RetryTest, AKeyIsForgottenWhenItsTimeIsOver) {
  ManualClock* const clock = engine_->clock();
  if (clock == nullptr) GTEST_SKIP() << "the engine has a clock of its own";
  const LogHandle log = NewLog();
  EXPECT_EQ(Info(*log)->idempotency.window.count(), kWindowMs);
  const std::int64_t start_ms = clock->Now().milliseconds;
  ASSERT_TRUE(Append(*log, "v", Keyed("key")).ok());
  clock->Set(Timestamp(start_ms + kWindowMs - 1));
  EXPECT_TRUE(Append(*log, "v", Keyed("key"))->replayed);
  clock->Set(Timestamp(start_ms + kWindowMs));
  const auto later = Append(*log, "other", Keyed("key"));
  ASSERT_TRUE(later.ok()) << later.status().ToString();
  EXPECT_FALSE(later->replayed);
}

}  // namespace
}  // namespace daybook::engines
