// Appends: where they stand, and what comes back of them.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "engines/conformance.h"

namespace daybook::engines {
namespace {

class AppendTest : public ConformanceTest {};
INSTANTIATE_TEST_SUITE_P(Engines, AppendTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(AppendTest, OffsetsGoUpFromZeroWithoutAGap) {
  const LogHandle log = NewLog();
  std::uint64_t next = 0;
  for (const std::size_t records : {1, 3, 1, 10, 2}) {
    const auto appended = Append(*log, Batch(records));
    ASSERT_TRUE(appended.ok()) << appended.status().ToString();
    EXPECT_EQ(appended->first_offset, Offset(next));
    next += records;
    EXPECT_EQ(appended->next_offset, Offset(next));
    EXPECT_FALSE(appended->replayed);
    EXPECT_EQ(End(*log), next);
  }
}

TEST_P(AppendTest, ABatchIsWholeAndInItsOrder) {
  const LogHandle log = NewLog();
  std::vector<std::string> expected;
  for (int batch = 0; batch < 3; ++batch) {
    Batch records(100);
    for (NewRecord& record : records) {
      record.value = std::to_string(expected.size());
      expected.push_back(record.value);
    }
    ASSERT_TRUE(Append(*log, std::move(records)).ok());
  }
  EXPECT_EQ(ReadValues(*log), expected);
}

TEST_P(AppendTest, KeysHeadersAndValuesComeBackAsTheyWere) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  const Batch batch = {
      {std::nullopt, {}, "no key"},
      {"", {}, ""},
      {every_byte, {{"a", "1"}, {"b", ""}, {"a", "2"}}, every_byte},
      {std::nullopt, {{"name", every_byte}}, ""},
      {"key", {}, std::string("\0", 1)},
  };
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, batch).ok());
  std::size_t read = 0;
  for (const Page& page : ReadPages(*log)) {
    for (const log::RecordView& record : page.records) {
      SCOPED_TRACE(read);
      ASSERT_LT(read, batch.size());
      ExpectSame(record, batch[read++]);
    }
  }
  EXPECT_EQ(read, batch.size());
}

TEST_P(AppendTest, AValueOfAMebibyteComesBackBetweenSmallOnes) {
  std::string large(1 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 + i / 251);
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Values({"before", large, "behind"})).ok());
  const std::vector<std::string> values = ReadValues(*log);
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0], "before");
  EXPECT_TRUE(values[1] == large);
  EXPECT_EQ(values[2], "behind");
}

TEST_P(AppendTest, ARecordHasTheTimeOfItsAppend) {
  const LogHandle log = NewLog();
  const auto appended = Append(*log, Values({"a", "b"}));
  for (const std::uint64_t offset : {0, 1})
    EXPECT_EQ(Read(*log, offset)->records.at(0).timestamp, appended->timestamp);
}

TEST_P(AppendTest, TimestampsNeverDecreaseNotEvenWhenTheClockDoes) {
  const LogHandle log = NewLog();
  Timestamp last;
  for (const int step_ms : {0, 1'000, -500, -1'000'000, 2'000'000}) {
    if (ManualClock* clock = engine_->clock(); clock != nullptr)
      clock->Set(Timestamp(clock->Now().milliseconds + step_ms));
    const auto appended = Append(*log, "v");
    EXPECT_GE(appended->timestamp, last);
    last = appended->timestamp;
  }
  last = Timestamp();
  for (const Page& page : ReadPages(*log)) {
    for (const log::RecordView& record : page.records) {
      EXPECT_GE(record.timestamp, last);
      last = record.timestamp;
    }
  }
}

TEST_P(AppendTest, OfManyAppendersEachGetsOffsetsOfItsOwn) {
  constexpr int kThreads = 4;
  constexpr int kAppends = 60;
  const LogHandle log = NewLog();
  std::vector<std::vector<std::uint64_t>> offsets(kThreads);
  AtOnce(kThreads, [&](int thread) {
    for (int i = 0; i < kAppends; ++i) {
      const std::string value = std::to_string(thread) + "." + std::to_string(i);
      Batch batch = Values({value, value + "'", value + "''"});
      batch.resize(1 + i % 3);
      const auto appended = Append(*log, batch);
      ASSERT_TRUE(appended.ok()) << appended.status().ToString();
      ASSERT_EQ(appended->next_offset - appended->first_offset, batch.size());
      for (std::size_t record = 0; record < batch.size(); ++record) {
        offsets[thread].push_back(appended->first_offset.value + record);
        const auto page = Read(*log, offsets[thread].back(), {1, 1});
        ASSERT_TRUE(page.ok()) << page.status().ToString();
        EXPECT_EQ(page->records.at(0).value, batch[record].value);
      }
    }
  });
  std::vector<std::uint64_t> all;
  for (const auto& of_thread : offsets) {
    EXPECT_TRUE(std::is_sorted(of_thread.begin(), of_thread.end()));
    all.insert(all.end(), of_thread.begin(), of_thread.end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), kThreads * kAppends * 2U);
  for (std::uint64_t offset = 0; offset < all.size(); ++offset) ASSERT_EQ(all[offset], offset);
  EXPECT_EQ(End(*log), all.size());
}

TEST_P(AppendTest, AppendsNeedNotWaitForEachOther) {
  const LogHandle log = NewLog();
  std::vector<Answer<Result<Appended>>> answers(100);
  for (std::size_t i = 0; i < answers.size(); ++i)
    log->Append(Values({std::to_string(i)}), answers[i].Done());
  std::vector<std::string> expected(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto appended = answers[i].Await();
    ASSERT_TRUE(appended.ok()) << appended.status().ToString();
    ASSERT_LT(appended->first_offset, Offset(answers.size()));
    expected[appended->first_offset.value] = std::to_string(i);
  }
  EXPECT_EQ(ReadValues(*log), expected);
}

TEST_P(AppendTest, LogsAreIndependentOfEachOther) {
  const std::vector<LogHandle> logs = {NewLog(), NewLog(), NewLog()};
  for (const char* value : {"a", "b"})
    for (std::size_t i = 0; i < logs.size(); ++i)
      ASSERT_TRUE(Append(*logs[i], value + std::to_string(i)).ok());
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const std::string number = std::to_string(i);
    EXPECT_EQ(ReadValues(*logs[i]), (std::vector<std::string>{"a" + number, "b" + number}));
  }
}

TEST_P(AppendTest, WhatIsAppendedAndReadIsCounted) {
  const LogHandle log = NewLog();
  const log::Activity before = store().activity();
  ASSERT_TRUE(Append(*log, {{"key", {{"name", "value"}}, "12345"}}).ok());
  ASSERT_TRUE(Append(*log, "678").ok());
  ASSERT_EQ(ReadValues(*log).size(), 2U);
  const log::Activity after = store().activity();
  EXPECT_EQ(after.appended_records - before.appended_records, 2U);
  EXPECT_EQ(after.appended_bytes - before.appended_bytes, 20U);
  EXPECT_EQ(after.read_records - before.read_records, 2U);
  EXPECT_EQ(after.read_bytes - before.read_bytes, 20U);
}

}  // namespace
}  // namespace daybook::engines
