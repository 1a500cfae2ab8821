// Reads: pages, their limits, and how long they last.

#include <cstdint>
#include <string>
#include <vector>

#include "engines/conformance.h"

namespace daybook::engines {
namespace {

class ReadTest : public ConformanceTest {
 protected:
  // Small records and large ones, in batches of several and of one; returns their values.
  static std::vector<std::string> Fill(Log& log) {
    std::vector<std::string> values;
    for (const std::size_t records : {1, 1, 40, 1, 7, 100, 1}) {
      Batch batch(records);
      for (NewRecord& record : batch) {
        const std::size_t number = values.size();
        record.value = std::to_string(number) + std::string(number % 10 == 3 ? 9'000 : 50, 'v');
        values.push_back(record.value);
      }
      EXPECT_TRUE(Append(log, std::move(batch)).ok());
    }
    return values;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, ReadTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(ReadTest, AnEmptyLogHasAnEmptyPage) {
  const auto page = Read(*NewLog(), 0);
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  EXPECT_TRUE(page->records.empty());
  EXPECT_EQ(page->first_offset, Offset(0));
  EXPECT_EQ(page->end, Offset(0));
  EXPECT_EQ(page->bytes, 0U);
}

TEST_P(ReadTest, AtTheEndAPageIsEmptyAndTellsWhereTheLogBeginsAndEnds) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Batch(5)).ok());
  ASSERT_TRUE(Trim(*log, 2).ok());
  const auto page = Read(*log, 5);
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  EXPECT_TRUE(page->records.empty());
  EXPECT_EQ(page->first_offset, Offset(2));
  EXPECT_EQ(page->end, Offset(5));
  const auto full = Read(*log, 3);
  EXPECT_EQ(full->records.at(0).offset, Offset(3));
  EXPECT_EQ(full->first_offset, Offset(2));
  EXPECT_EQ(full->end, Offset(5));
}

TEST_P(ReadTest, BehindTheEndIsRefusedWithTheEnd) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Batch(2)).ok());
  for (const std::uint64_t from : {std::uint64_t{3}, std::uint64_t{1'000}, UINT64_MAX}) {
    const auto behind = Read(*log, from);
    EXPECT_EQ(behind.status().code(), StatusCode::kBeyondEnd);
    EXPECT_EQ(behind.status().offset(), Offset(2));
  }
}

TEST_P(ReadTest, APageBeginsWithTheRecordThatWasAskedFor) {
  const LogHandle log = NewLog();
  const std::vector<std::string> values = Fill(*log);
  for (std::uint64_t from = 0; from < values.size(); ++from) {
    const auto page = Read(*log, from);
    ASSERT_TRUE(page.ok()) << page.status().ToString();
    ASSERT_FALSE(page->records.empty());
    EXPECT_EQ(page->records[0].offset, Offset(from));
    EXPECT_TRUE(page->records[0].value == values[from]) << from;
  }
}

TEST_P(ReadTest, ARecordLargerThanThePageIsGivenAlone) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Values({std::string(1'000, 'a'), "b"})).ok());
  ASSERT_TRUE(Append(*log, std::string(200'000, 'c')).ok());
  for (const std::uint64_t from : {0, 2}) {
    const auto page = Read(*log, from, {10, 999});
    ASSERT_TRUE(page.ok()) << page.status().ToString();
    ASSERT_EQ(page->records.size(), 1U);
    EXPECT_EQ(page->bytes, page->records[0].value.size());
  }
}

TEST_P(ReadTest, PagesOfAnySizeGiveEachRecordOnce) {
  const LogHandle log = NewLog();
  const std::vector<std::string> values = Fill(*log);
  for (const std::uint64_t records_max : {1, 2, 7, 64, 1'000'000}) {
    for (const std::uint64_t bytes_max : {1, 60, 1'000, 10'000, 1 << 30}) {
      SCOPED_TRACE(std::to_string(records_max) + " records, " + std::to_string(bytes_max));
      EXPECT_TRUE(ReadValues(*log, 0, {records_max, bytes_max}) == values);
    }
  }
}

TEST_P(ReadTest, BytesAreOfKeysAndHeadersToo) {
  const LogHandle log = NewLog();
  const NewRecord record{"1234", {{"12345", "123"}}, "12345678"};
  ASSERT_TRUE(Append(*log, {record, record}).ok());
  EXPECT_EQ(Read(*log, 0, {1, 1'000})->bytes, 20U);
  EXPECT_EQ(Read(*log, 0, {10, 39})->records.size(), 1U);
}

TEST_P(ReadTest, APageStaysWhateverIsDoneToTheLog) {
  LogHandle log = NewLog();
  const std::vector<std::string> values = Fill(*log);
  const std::vector<Page> pages = ReadPages(*log, 0, {50, 20'000});
  const auto expect_as_they_were = [&] {
    std::size_t read = 0;
    for (const Page& page : pages)
      for (const log::RecordView& record : page.records)
        EXPECT_TRUE(record.value == values[read++]) << record.offset.value;
    EXPECT_EQ(read, values.size());
  };
  for (int i = 0; i < 3; ++i) Fill(*log);
  for (int i = 0; i < 20; ++i) ReadValues(*log, 0, {50, 20'000});
  expect_as_they_were();
  ASSERT_TRUE(Trim(*log, End(*log)).ok());
  Fill(*log);
  ReadValues(*log, Info(*log)->first_offset.value);
  expect_as_they_were();
  ASSERT_TRUE(Delete(store(), log).ok());
  log.reset();
  Fill(*NewLog());
  expect_as_they_were();
}

TEST_P(ReadTest, ReadersBesideAppendersSeeWholeBatchesWithoutAGap) {
  constexpr std::uint64_t kBatches = 150;
  const LogHandle log = NewLog();
  AtOnce(3, [&](int thread) {
    if (thread == 0) {
      for (std::uint64_t i = 0; i < kBatches; ++i) {
        const std::string value = std::to_string(i);
        ASSERT_TRUE(Append(*log, Values({value, value, value})).ok());
      }
      return;
    }
    for (std::uint64_t next = 0; next < 3 * kBatches;) {
      const auto page = Read(*log, next, {10, 1'000});
      ASSERT_TRUE(page.ok()) << page.status().ToString();
      ASSERT_EQ(page->end.value % 3, 0U);
      for (const log::RecordView& record : page->records) {
        ASSERT_EQ(record.offset, Offset(next));
        ASSERT_EQ(record.value, std::to_string(next / 3));
        ++next;
      }
    }
  });
}

}  // namespace
}  // namespace daybook::engines
