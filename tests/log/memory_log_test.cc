#include "log/memory_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "log/memory_store.h"
#include "support/find_log.h"

namespace daybook::log {
namespace {

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

TEST_F(MemoryLogTest, ARetryIsAnsweredWithoutRoom) {
  MemoryLogStore store(clock_, 2000);
  Log& log = *test::FindLog(store);
  ASSERT_TRUE(Append(log, Values({std::string(1500, 'x')}), {{}, "key"}).ok());
  EXPECT_EQ(Append(log, Values({std::string(1500, 'x')})).status().code(), StatusCode::kNoSpace);
  EXPECT_TRUE(Append(log, Values({std::string(1500, 'x')}), {{}, "key"})->replayed);
}

TEST_F(MemoryLogTest, APageKeepsToItsLimitsButHasOneRecord) {
  ASSERT_TRUE(Append(log_, Values({"0123456789", "0123456789", "0123456789"})).ok());
  EXPECT_EQ(Read(log_, 0, {2, 1000})->records.size(), 2U);
  EXPECT_EQ(Read(log_, 0, {10, 20})->records.size(), 2U);
  EXPECT_EQ(Read(log_, 0, {10, 19})->records.size(), 1U);
  EXPECT_EQ(Read(log_, 0, {10, 1})->records.size(), 1U);
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

}  // namespace
}  // namespace daybook::log
