// What a restart leaves as it was.

#include <cstdint>
#include <string>
#include <vector>

#include "engines/conformance.h"
#include "log/find_and_wait.h"
#include "support/find_log.h"

namespace daybook::engines {
namespace {

using log::Retention;
using std::chrono::milliseconds;

INSTANTIATE_TEST_SUITE_P(Engines, RestartTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(RestartTest, RecordsSurviveAndOffsetsGoOn) {
  const Batch batch = {{"key", {{"name", "value"}}, std::string("\0v", 2)}, {std::nullopt, {}, ""}};
  LogHandle log = NewLog();
  const auto first = Append(*log, batch);
  ASSERT_TRUE(Append(*log, std::string(100'000, 'l')).ok());
  for (std::uint64_t restart = 0; restart < 3; ++restart) {
    Restart(log);
    for (const std::uint64_t offset : {0, 1}) {
      const auto page = Read(*log, offset, {1, 1});
      ASSERT_TRUE(page.ok()) << page.status().ToString();
      ExpectSame(page->records.at(0), batch[offset]);
      EXPECT_EQ(page->records.at(0).timestamp, first->timestamp);
    }
    EXPECT_EQ(ReadValues(*log, 2).size(), 1 + restart);
    EXPECT_EQ(Append(*log, "more")->first_offset, Offset(3 + restart));
  }
}

TEST_P(RestartTest, TimestampsDoNotDecreaseOverIt) {
  LogHandle log = NewLog();
  const auto before = Append(*log, "v");
  if (ManualClock* clock = engine_->clock(); clock != nullptr)
    clock->Set(Timestamp(clock->Now().milliseconds - 1'000'000));
  Restart(log);
  EXPECT_GE(Append(*log, "v")->timestamp, before->timestamp);
}

TEST_P(RestartTest, ARetryIsAnsweredAsBeforeIt) {
  LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, "before").ok());
  const auto first = Append(*log, Values({"a", "b"}), {Offset(1), "key"});
  ASSERT_TRUE(Append(*log, "trimmed", {std::nullopt, "trimmed"}).ok());
  ASSERT_TRUE(Trim(*log, 4).ok());
  for (int restart = 0; restart < 2; ++restart) {
    Restart(log);
    const auto again = Append(*log, Values({"a", "b"}), {Offset(1), "key"});
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->first_offset, Offset(1));
    EXPECT_EQ(again->next_offset, Offset(3));
    EXPECT_EQ(again->timestamp, first->timestamp);
    EXPECT_TRUE(Append(*log, "trimmed", {std::nullopt, "trimmed"})->replayed);
    EXPECT_EQ(Append(*log, "other", {std::nullopt, "key"}).status().code(), StatusCode::kKeyReused);
    EXPECT_EQ(End(*log), 4U);
  }
}

TEST_P(RestartTest, WhatWasTrimmedStaysSo) {
  LogHandle log = NewLog();
  LogHandle all = NewLog();
  for (const char* value : {"0", "1", "2"}) {
    ASSERT_TRUE(Append(*log, value).ok());
    ASSERT_TRUE(Append(*all, value).ok());
  }
  ASSERT_TRUE(Trim(*log, 2).ok());
  ASSERT_TRUE(Trim(*all, 3).ok());
  const std::string name = all->name();
  all.reset();
  Restart(log);
  all = test::FindLog(store(), name);
  EXPECT_EQ(Info(*log)->first_offset, Offset(2));
  EXPECT_EQ(Read(*log, 1).status().code(), StatusCode::kTrimmed);
  EXPECT_EQ(Read(*log, 1).status().offset(), Offset(2));
  EXPECT_EQ(ReadValues(*log, 2), std::vector<std::string>{"2"});
  EXPECT_EQ(Info(*all)->first_offset, Offset(3));
  EXPECT_EQ(Append(*all, "3")->first_offset, Offset(3));
}

TEST_P(RestartTest, CursorsSurviveAndTheirRevisionsGrowOn) {
  LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Batch(2)).ok());
  const auto kept = PutCursor(*log, "kept", 2);
  const auto deleted = PutCursor(*log, "deleted", 1);
  ASSERT_TRUE(DeleteCursor(*log, "deleted").ok());
  Restart(log);
  const auto cursors = Cursors(*log);
  ASSERT_EQ(cursors->size(), 1U);
  EXPECT_EQ(cursors->at(0).name, "kept");
  EXPECT_EQ(cursors->at(0).offset, Offset(2));
  EXPECT_EQ(cursors->at(0).revision, kept->cursor.revision);
  const auto remade = PutCursor(*log, "deleted", 1);
  EXPECT_TRUE(remade->made);
  EXPECT_GT(remade->cursor.revision, deleted->cursor.revision);
  EXPECT_TRUE(PutCursor(*log, "kept", 1, {{}, {kept->cursor.revision}}).ok());
}

TEST_P(RestartTest, ALogIsTheSameOneAsBefore) {
  LogHandle log = Create(store(), NewName(), {milliseconds(3'600'000), 1 << 20})->log;
  ASSERT_TRUE(Configure(*log, {{}, 2 << 20}).ok());
  const auto before = Info(*log);
  Restart(log);
  const auto after = Info(*log);
  EXPECT_EQ(log->id(), before->id);
  EXPECT_EQ(after->id, before->id);
  EXPECT_EQ(after->created, before->created);
  EXPECT_EQ(after->retention, (Retention{milliseconds(3'600'000), 2 << 20}));
  EXPECT_EQ(after->idempotency, before->idempotency);
}

TEST_P(RestartTest, ADeletedLogStaysDeletedAndTheOneMadeLaterStays) {
  LogHandle log = NewLog();
  LogHandle gone = NewLog();
  const std::string name = log->name();
  const std::string gone_name = gone->name();
  for (const LogHandle& each : {log, gone}) {
    ASSERT_TRUE(Append(*each, "old", {std::nullopt, "key"}).ok());
    ASSERT_TRUE(PutCursor(*each, "c", 1).ok());
    ASSERT_TRUE(Delete(store(), each).ok());
  }
  gone.reset();
  log = Create(store(), name)->log;
  const log::LogId id = log->id();
  ASSERT_TRUE(Append(*log, "new").ok());
  Restart(log);
  EXPECT_EQ(log->id(), id);
  EXPECT_EQ(ReadValues(*log), std::vector<std::string>{"new"});
  EXPECT_TRUE(Cursors(*log)->empty());
  EXPECT_FALSE(Append(*log, "newer", {std::nullopt, "key"})->replayed);
  EXPECT_EQ(log::FindAndWait(store(), gone_name).status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(List(store(), gone_name, "", 1).empty());
}

TEST_P(RestartTest, DefaultIsTheSameOneAsBefore) {
  LogHandle log = test::FindLog(store());
  const log::LogId id = log->id();
  Restart(log);
  EXPECT_EQ(log->id(), id);
}

}  // namespace
}  // namespace daybook::engines
