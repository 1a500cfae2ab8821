#include "log/memory_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "log/memory_store.h"
#include "support/find_log.h"

namespace daybook::log {
namespace {

using testing::ElementsAre;
using testing::Pair;

Batch Values(std::initializer_list<std::string> values) {
  Batch batch;
  for (const std::string& value : values) batch.push_back(NewRecord{std::nullopt, {}, value});
  return batch;
}

Result<Appended> Append(Log& log, Batch batch, AppendOptions options = {}) {
  Result<Appended> result(Status(StatusCode::kInternal, "no answer"));
  log.Append(std::move(batch), std::move(options),
             [&](Result<Appended> appended) { result = std::move(appended); });
  return result;
}

Result<Page> Read(Log& log, std::uint64_t from, ReadLimits limits = {1000, 1 << 20}) {
  Result<Page> result(Status(StatusCode::kInternal, "no answer"));
  log.Read(Offset(from), limits, [&](Result<Page> page) { result = std::move(page); });
  return result;
}

class MemoryLogTest : public testing::Test {
 protected:
  ManualClock clock_{Timestamp(1000)};
  MemoryLogStore store_{clock_, 64 << 20};
  Log& log_ = *test::FindLog(store_);
};

TEST_F(MemoryLogTest, GivesBackWhatWasAppendedWithItsOffsetAndTime) {
  Batch batch = Values({"first"});
  batch.push_back(NewRecord{"key", {{"a", "1"}, {"b", ""}}, std::string("\0binary", 7)});
  batch.push_back(NewRecord{"", {}, ""});
  const auto appended = Append(log_, std::move(batch));
  ASSERT_TRUE(appended.ok());
  EXPECT_EQ(appended->first_offset, Offset(0));
  EXPECT_EQ(appended->next_offset, Offset(3));
  const auto page = Read(log_, 0);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->records.size(), 3U);
  EXPECT_EQ(page->end, Offset(3));
  EXPECT_EQ(page->records[0].value, "first");
  EXPECT_EQ(page->records[0].key, std::nullopt);
  EXPECT_EQ(page->records[1].offset, Offset(1));
  EXPECT_EQ(page->records[1].timestamp, Timestamp(1000));
  EXPECT_EQ(page->records[1].key, "key");
  EXPECT_THAT(page->records[1].headers, ElementsAre(Pair("a", "1"), Pair("b", "")));
  EXPECT_EQ(page->records[1].value, std::string_view("\0binary", 7));
  EXPECT_EQ(page->records[2].key, "");
}

TEST_F(MemoryLogTest, AConditionHoldsAtTheEndOnly) {
  ASSERT_TRUE(Append(log_, Values({"a", "b"}), {Offset(0), ""}).ok());
  for (const std::uint64_t other : {0, 1, 3}) {
    const auto refused = Append(log_, Values({"c"}), {Offset(other), ""});
    EXPECT_EQ(refused.status().code(), StatusCode::kConditionFailed);
    EXPECT_EQ(refused.status().offset(), Offset(2));
  }
  EXPECT_EQ(Append(log_, Values({"c"}), {Offset(2), ""})->first_offset, Offset(2));
}

TEST_F(MemoryLogTest, ARetryGetsTheFirstAnswerWhateverBecameOfTheLog) {
  const auto first = Append(log_, Values({"a"}), {Offset(0), "key"});
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(first->replayed);
  ASSERT_TRUE(Append(log_, Values({"b"})).ok());
  log_.Trim(Offset(2), [](const Result<LogInfo>& info) { EXPECT_TRUE(info.ok()); });
  clock_.Set(Timestamp(2000));
  const auto again = Append(log_, Values({"a"}), {Offset(0), "key"});
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->first_offset, Offset(0));
  EXPECT_EQ(again->timestamp, Timestamp(1000));
  EXPECT_EQ(Append(log_, Values({"other"}), {{}, "key"}).status().code(), StatusCode::kKeyReused);
  EXPECT_EQ(Append(log_, Values({"c"}))->first_offset, Offset(2));
}

TEST_F(MemoryLogTest, ARetryIsAnsweredWithoutRoom) {
  MemoryLogStore store(clock_, 2000);
  Log& log = *test::FindLog(store);
  ASSERT_TRUE(Append(log, Values({std::string(1500, 'x')}), {{}, "key"}).ok());
  EXPECT_EQ(Append(log, Values({std::string(1500, 'x')})).status().code(), StatusCode::kNoSpace);
  EXPECT_TRUE(Append(log, Values({std::string(1500, 'x')}), {{}, "key"})->replayed);
}

TEST_F(MemoryLogTest, OnlySuccessIsRemembered) {
  EXPECT_FALSE(Append(log_, Values({"a"}), {Offset(7), "key"}).ok());
  EXPECT_FALSE(Append(log_, Values({"a"}), {Offset(0), "key"})->replayed);
}

TEST_F(MemoryLogTest, APageIsEmptyAtTheEndAndAnErrorBehindIt) {
  ASSERT_TRUE(Append(log_, Values({"a"})).ok());
  EXPECT_TRUE(Read(log_, 1)->records.empty());
  const auto behind = Read(log_, 2);
  ASSERT_FALSE(behind.ok());
  EXPECT_EQ(behind.status().code(), StatusCode::kBeyondEnd);
  EXPECT_EQ(behind.status().offset(), Offset(1));
}

TEST_F(MemoryLogTest, APageKeepsToItsLimitsButHasOneRecord) {
  ASSERT_TRUE(Append(log_, Values({"0123456789", "0123456789", "0123456789"})).ok());
  EXPECT_EQ(Read(log_, 0, {2, 1000})->records.size(), 2U);
  EXPECT_EQ(Read(log_, 0, {10, 20})->records.size(), 2U);
  EXPECT_EQ(Read(log_, 0, {10, 19})->records.size(), 1U);
  EXPECT_EQ(Read(log_, 0, {10, 1})->records.size(), 1U);
}

TEST_F(MemoryLogTest, TimestampsNeverDecrease) {
  ASSERT_TRUE(Append(log_, Values({"a"})).ok());
  clock_.Set(Timestamp(500));
  EXPECT_EQ(Append(log_, Values({"b"}))->timestamp, Timestamp(1000));
}

TEST_F(MemoryLogTest, AFullLogTakesNoPartOfABatchAndIsReadOn) {
  MemoryLogStore store(clock_, 4096);
  Log& log = *test::FindLog(store);
  ASSERT_TRUE(Append(log, Values({"kept"})).ok());
  const auto refused = Append(log, Values({"small", std::string(5000, 'x')}));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), StatusCode::kNoSpace);
  EXPECT_EQ(store.Checks().front().state, Check::State::kDegraded);
  EXPECT_EQ(Read(log, 0)->records.size(), 1U);
  EXPECT_EQ(Append(log, Values({"small"}))->first_offset, Offset(1));
  EXPECT_EQ(store.Checks().front().state, Check::State::kOk);
}

TEST_F(MemoryLogTest, ATrimTakesRecordsAndGivesTheirSpaceBack) {
  for (int i = 0; i < 640; ++i) ASSERT_TRUE(Append(log_, Values({std::string(90'000, 'x')})).ok());
  EXPECT_EQ(Append(log_, {Values({std::string(20 << 20, 'x')})}).status().code(),
            StatusCode::kNoSpace);
  const auto page = Read(log_, 0);
  Result<LogInfo> info = LogInfo();
  log_.Trim(Offset(640), [&](Result<LogInfo> trimmed) { info = std::move(trimmed); });
  EXPECT_EQ(info->first_offset, Offset(640));
  EXPECT_EQ(info->bytes, 0U);
  EXPECT_EQ(Read(log_, 639).status().code(), StatusCode::kTrimmed);
  EXPECT_EQ(page->records.front().value.size(), 90'000U);
  EXPECT_EQ(Append(log_, Values({std::string(20 << 20, 'x')}))->first_offset, Offset(640));
  log_.Trim(Offset(642), [&](Result<LogInfo> trimmed) { info = std::move(trimmed); });
  EXPECT_EQ(info.status().code(), StatusCode::kBeyondEnd);
}

TEST_F(MemoryLogTest, RetentionTakesTheOldestByAgeAndBySize) {
  RetentionChange change;
  change.max_age = std::chrono::milliseconds(1000);
  log_.Configure(change, [](const Result<LogInfo>&) {});
  ASSERT_TRUE(Append(log_, Values({"first", "second"})).ok());
  clock_.Set(Timestamp(1500));
  ASSERT_TRUE(Append(log_, Values({"third"})).ok());
  clock_.Set(Timestamp(2001));
  EXPECT_EQ(Read(log_, 1).status().code(), StatusCode::kTrimmed);
  EXPECT_EQ(Read(log_, 2)->records.at(0).value, "third");
  change = {};
  change.max_bytes = 10'000;
  Result<LogInfo> info = LogInfo();
  log_.Configure(change, [&](Result<LogInfo> set) { info = std::move(set); });
  EXPECT_EQ(info->retention.max_age, std::chrono::milliseconds(1000));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Append(log_, Values({std::string(900, 'x')})).ok());
  log_.Info([&](Result<LogInfo> told) { info = std::move(told); });
  EXPECT_LE(info->bytes, 10'000U);
  EXPECT_EQ(info->next_offset - info->first_offset, 10U);
}

TEST_F(MemoryLogTest, APageOutlivesLaterAppends) {
  ASSERT_TRUE(Append(log_, Values({"early"})).ok());
  const auto page = Read(log_, 0);
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Append(log_, Values({std::string(100'000, 'x')})).ok());
  EXPECT_EQ(page->records.front().value, "early");
  EXPECT_EQ(Read(log_, 1, {500, 64 << 20})->records.size(), 200U);
}

TEST_F(MemoryLogTest, OffsetsHaveNoGapsUnderConcurrentAppendsAndReads) {
  constexpr int kThreads = 4;
  constexpr int kAppends = 2000;
  std::vector<std::thread> threads;
  std::atomic<bool> wrong{false};
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kAppends; ++i) {
        const std::string value = std::to_string(thread) + "." + std::to_string(i);
        const auto appended = Append(log_, Values({value}));
        const auto page = Read(log_, appended->first_offset.value, {1, 100});
        if (page->records.front().value != value) wrong = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(wrong);
  EXPECT_EQ(Read(log_, 0, {100'000, 64 << 20})->records.size(), kThreads * kAppends);
}

}  // namespace
}  // namespace daybook::log
