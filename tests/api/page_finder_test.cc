#include "api/page_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/fake_log.h"

namespace daybook::api {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Le;

Result<FoundPage> Find(FakeLog& log, ReadQuery query) {
  std::optional<Result<FoundPage>> found;
  FindPage(log.Lent(), std::move(query), [&](Result<FoundPage> page) { found = std::move(page); });
  log.AnswerAll();
  EXPECT_TRUE(found);
  return *found;
}

ReadQuery WithKey(const std::string& key, std::uint64_t records_max = 100) {
  ReadQuery query;
  query.key = key;
  query.limits = {records_max, 1 << 20};
  return query;
}

std::vector<std::uint64_t> Offsets(const log::Page& page) {
  std::vector<std::uint64_t> offsets;
  for (const log::RecordView& record : page.records) offsets.push_back(record.offset.value);
  return offsets;
}

TEST(PageFinder, AKeysRecordsAreFoundPageAfterPage) {
  FakeLog log;
  for (int i = 0; i < 20; ++i)
    log.records.push_back({i, i % 3 == 0 ? std::optional<std::string>("a") : std::nullopt, false});
  log.records[4].key = "";
  for (const bool later : {false, true}) {
    log.answers_later = later;
    ReadQuery query = WithKey("a", 3);
    const auto first = Find(log, query);
    ASSERT_TRUE(first.ok());
    EXPECT_THAT(Offsets(first->page), ElementsAre(0, 3, 6));
    EXPECT_EQ(first->from, Offset(0));
    EXPECT_EQ(first->next_offset, Offset(9));
    EXPECT_EQ(first->page.records[1].key, "a");
    EXPECT_EQ(first->page.records[1].value, "v");
    query.start = ReadQuery::Start::kOffset;
    query.offset = first->next_offset;
    const auto second = Find(log, query);
    EXPECT_THAT(Offsets(second->page), ElementsAre(9, 12, 15));
    query.offset = second->next_offset;
    const auto last = Find(log, query);
    EXPECT_THAT(Offsets(last->page), ElementsAre(18));
    EXPECT_EQ(last->next_offset, Offset(20));
    EXPECT_THAT(Offsets(Find(log, WithKey(""))->page), ElementsAre(4));
  }
}

TEST(PageFinder, TheLastRecordsAreNoMoreThanWereAskedForThoughTheLogGrows) {
  FakeLog log;
  log.records.resize(5);
  log.before_read = [&] { log.records.emplace_back(); };
  ReadQuery query;
  query.start = ReadQuery::Start::kLast;
  query.records = 2;
  query.limits = {100, 1 << 20};
  const auto found = Find(log, query);
  EXPECT_THAT(Offsets(found->page), ElementsAre(3, 4));
  EXPECT_EQ(found->next_offset, Offset(5));
}

TEST(PageFinder, ASearchForAKeyLooksAt100000RecordsAtTheMost) {
  FakeLog log;
  log.records.resize(kLookedRecordsMax + 10);
  log.records.back().key = "a";
  const auto none = Find(log, WithKey("a"));
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->page.records.empty());
  EXPECT_EQ(none->next_offset, Offset(kLookedRecordsMax));
  EXPECT_EQ(none->page.end, Offset(kLookedRecordsMax + 10));
  EXPECT_THAT(log.page_sizes, Each(Le(10'000U)));
  ReadQuery query = WithKey("a");
  query.start = ReadQuery::Start::kOffset;
  query.offset = none->next_offset;
  EXPECT_THAT(Offsets(Find(log, query)->page), ElementsAre(kLookedRecordsMax + 9));
}

TEST(PageFinder, ASearchForAKeyLooksAt64MiBAtTheMost) {
  FakeLog log;
  log.value.assign(1 << 20, 'v');
  log.records.resize(100);
  const auto none = Find(log, WithKey("a"));
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->next_offset, Offset(64));
  EXPECT_THAT(log.page_sizes, Each(Le(1U))) << "no more is held at one time";
}

TEST(PageFinder, AKeysPageIsBoundInBytesAndHasOneRecordAtLeast) {
  FakeLog log;
  log.value.assign(100, 'v');
  for (int i = 0; i < 10; ++i) log.records.push_back({0, i % 2 == 0 ? "a" : "b", false});
  ReadQuery query = WithKey("a");
  query.limits.bytes_max = 202;
  const auto two = Find(log, query);
  EXPECT_THAT(Offsets(two->page), ElementsAre(0, 2));
  EXPECT_EQ(two->page.bytes, 202U);
  EXPECT_EQ(two->next_offset, Offset(4));
  query.limits.bytes_max = 1;
  EXPECT_THAT(Offsets(Find(log, query)->page), ElementsAre(0));
}

TEST(PageFinder, WhatASearchFoundBeforeALostRecordIsGivenAndThenThatItIsLost) {
  FakeLog log;
  for (int i = 0; i < 10; ++i) log.records.push_back({0, "a", i == 4 || i == 5});
  const auto found = Find(log, WithKey("a"));
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(Offsets(found->page), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(found->next_offset, Offset(4));
  ReadQuery query = WithKey("a");
  query.start = ReadQuery::Start::kOffset;
  query.offset = Offset(4);
  const auto lost = Find(log, query);
  EXPECT_EQ(lost.status().code(), StatusCode::kLost);
  EXPECT_EQ(lost.status().offset(), Offset(6));
}

TEST(PageFinder, AStartThatIsTrimmedMeanwhileMovesUnlessItWasNamed) {
  FakeLog log;
  log.records.resize(10);
  log.before_read = [&] { log.first_offset = Offset(7); };
  for (const auto start : {ReadQuery::Start::kFirst, ReadQuery::Start::kLast,
                           ReadQuery::Start::kSince, ReadQuery::Start::kOffset}) {
    log.first_offset = Offset(3);
    ReadQuery query;
    query.start = start;
    query.offset = Offset(3);
    query.records = 100;
    query.limits.records_max = 100;
    const auto found = Find(log, query);
    if (start == ReadQuery::Start::kOffset) {
      EXPECT_EQ(found.status().code(), StatusCode::kTrimmed);
      continue;
    }
    ASSERT_TRUE(found.ok());
    EXPECT_THAT(Offsets(found->page), ElementsAre(7, 8, 9));
    EXPECT_EQ(found->from, Offset(7));
  }
}

TEST(PageFinder, AnEngineMayAnswerFromAnyThread) {
  struct Threaded : FakeLog {
    void Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) override {
      const std::lock_guard lock(mutex);
      threads.emplace_back([this, from, limits, done = std::move(done)]() mutable {
        FakeLog::Read(from, limits, std::move(done));
      });
    }
    std::vector<std::thread> Take() {
      const std::lock_guard lock(mutex);
      return std::move(threads);
    }
    std::mutex mutex;
    std::vector<std::thread> threads;
  } log;
  log.records.resize(kLookedRecordsMax);
  log.records.back().key = "a";
  std::promise<Result<FoundPage>> found;
  FindPage(log.Lent(), WithKey("a"),
           [&](Result<FoundPage> page) { found.set_value(std::move(page)); });
  EXPECT_THAT(Offsets(found.get_future().get()->page), ElementsAre(kLookedRecordsMax - 1));
  std::vector<std::thread> threads = log.Take();
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(threads.size(), 10U);
}

}  // namespace
}  // namespace daybook::api
