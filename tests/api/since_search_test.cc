#include "api/since_search.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "api/fake_log.h"

namespace daybook::api {
namespace {

// What a search finds; none where it does not come to an end.
std::optional<Result<Offset>> Find(FakeLog& log, std::int64_t since_ms) {
  std::optional<Result<Offset>> found;
  FindSince(log.Lent(), Timestamp(since_ms), log.first_offset, Offset(log.records.size()),
            [&](Result<Offset> offset) { found = std::move(offset); });
  log.AnswerAll();
  return found;
}

Offset FoundByLooking(const FakeLog& log, std::int64_t since_ms) {
  for (std::uint64_t i = log.first_offset.value; i < log.records.size(); ++i) {
    if (!log.records[i].lost && log.records[i].timestamp_ms >= since_ms) return Offset(i);
  }
  return Offset(log.records.size());
}

TEST(SinceSearch, FindsWhatLookingAtEachRecordFinds) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    FakeLog log;
    log.answers_later = round % 2 == 0;
    std::int64_t timestamp = 0;
    const std::size_t count = random() % 40;
    const unsigned lost_of_8 = random() % 9;
    for (std::size_t i = 0; i < count; ++i) {
      timestamp += random() % 3;
      log.records.push_back({timestamp, {}, random() % 8 < lost_of_8});
    }
    log.first_offset = Offset(count == 0 ? 0 : random() % count);
    for (std::int64_t since = -1; since <= timestamp + 1; ++since) {
      const auto found = Find(log, since);
      ASSERT_TRUE(found && found->ok());
      ASSERT_EQ(**found, FoundByLooking(log, since)) << since;
    }
  }
}

TEST(SinceSearch, ALongStretchOfLostRecordsIsSteppedOverWithoutStack) {
  FakeLog log;
  for (int i = 0; i < 200'000; ++i) log.records.push_back({i, {}, false});
  // Each is a stretch of its own, as after many repairs.
  struct Step : FakeLog {
    void Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) override {
      if (from.value >= 100'000 && from.value < 199'999)
        return done(Status(StatusCode::kLost, "lost", from + 1));
      FakeLog::Read(from, limits, std::move(done));
    }
  } lost;
  lost.records = log.records;
  EXPECT_EQ(**Find(lost, 150'000), Offset(199'999));
}

TEST(SinceSearch, WhatIsTrimmedMeanwhileIsNotFound) {
  FakeLog log;
  for (int i = 0; i < 100; ++i) log.records.push_back({i, {}, false});
  log.before_read = [&] { log.first_offset = Offset(60); };
  EXPECT_EQ(**Find(log, 10), Offset(60));
  EXPECT_EQ(**Find(log, 70), Offset(70));
}

TEST(SinceSearch, WhatCannotBeReadIsTold) {
  struct Damaged : FakeLog {
    void Read(Offset, const log::ReadLimits&, log::ReadDone done) override {
      done(Status(StatusCode::kDamaged, "damaged"));
    }
  } log;
  log.records.resize(3);
  EXPECT_EQ(Find(log, 0)->status().code(), StatusCode::kDamaged);
}

}  // namespace
}  // namespace daybook::api
