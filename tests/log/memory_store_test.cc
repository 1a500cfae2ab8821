#include "log/memory_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/find_log.h"

namespace daybook::log {
namespace {

using LogHandle = std::shared_ptr<Log>;

class MemoryStoreTest : public testing::Test {
 protected:
  Result<Created> Create(const std::string& name) {
    Result<Created> result(Status(StatusCode::kInternal, "no answer"));
    store_.Create(name, {}, [&](Result<Created> created) { result = std::move(created); });
    return result;
  }
  Status Delete(const LogHandle& log) {
    Status result(StatusCode::kInternal, "no answer");
    store_.Delete(log, [&](Status status) { result = std::move(status); });
    return result;
  }
  std::string List(const std::string& prefix, const std::string& after, std::size_t max = 100) {
    std::string names;
    store_.List(prefix, after, max, [&](const Result<std::vector<LogHandle>>& logs) {
      for (const LogHandle& log : *logs) names += log->name() + " ";
    });
    return names;
  }
  static Status Append(Log& log, const std::string& value) {
    Status result(StatusCode::kInternal, "no answer");
    log.Append({NewRecord{std::nullopt, {}, value}},
               [&](const Result<Appended>& appended) { result = appended.status(); });
    return result;
  }
  static Result<CursorPut> PutCursor(Log& log, const std::string& name, std::uint64_t offset,
                                     const CursorCondition& condition = {}) {
    Result<CursorPut> result(Status(StatusCode::kInternal, "no answer"));
    log.PutCursor(name, Offset(offset), condition,
                  [&](Result<CursorPut> put) { result = std::move(put); });
    return result;
  }
  static Status DeleteCursor(Log& log, const std::string& name) {
    Status result(StatusCode::kInternal, "no answer");
    log.DeleteCursor(name, {}, [&](Status status) { result = std::move(status); });
    return result;
  }
  static Result<std::vector<Cursor>> Cursors(Log& log) {
    Result<std::vector<Cursor>> result(Status(StatusCode::kInternal, "no answer"));
    log.Cursors([&](Result<std::vector<Cursor>> cursors) { result = std::move(cursors); });
    return result;
  }

  ManualClock clock_{Timestamp(1000)};
  MemoryLogStore store_{clock_, 1 << 20, {}, {5, 2}};
};

TEST_F(MemoryStoreTest, LogsAreListedByName) {
  for (const char* name : {"b", "a.1", "a", "z"}) ASSERT_TRUE(Create(name).ok());
  EXPECT_EQ(List("", ""), "a a.1 b default z ");
  EXPECT_EQ(List("", "", 2), "a a.1 ");
  EXPECT_EQ(List("", "a.1", 2), "b default ");
  EXPECT_EQ(List("a", ""), "a a.1 ");
  EXPECT_EQ(List("a", "a"), "a.1 ");
  EXPECT_EQ(List("b", "a"), "b ");
  EXPECT_EQ(List("a", "b"), "");
  EXPECT_EQ(List("", "z"), "");
  EXPECT_EQ(List("", "", 0), "");
}

TEST_F(MemoryStoreTest, AllLogsShareTheMemoryAndADeletedOneGivesItsOwnBack) {
  const LogHandle a = Create("a")->log;
  const LogHandle b = Create("b")->log;
  const std::string large(400'000, 'x');
  EXPECT_TRUE(Append(*a, large).ok());
  EXPECT_TRUE(Append(*b, large).ok());
  EXPECT_EQ(Append(*b, large).code(), StatusCode::kNoSpace);
  EXPECT_EQ(store_.Checks().front().state, Check::State::kDegraded);
  EXPECT_EQ(Append(*test::FindLog(store_), large).code(), StatusCode::kNoSpace);
  ASSERT_TRUE(Delete(a).ok());
  EXPECT_TRUE(Append(*b, large).ok());
  EXPECT_EQ(store_.Checks().front().state, Check::State::kOk);
}

TEST_F(MemoryStoreTest, WhatWasDoneToADeletedLogStaysCounted) {
  const LogHandle log = Create("a")->log;
  ASSERT_TRUE(Append(*log, "abc").ok());
  ASSERT_TRUE(Append(*test::FindLog(store_), "de").ok());
  log->Read(Offset(0), {}, [](const Result<Page>&) {});
  ASSERT_TRUE(Delete(log).ok());
  const Activity activity = store_.activity();
  EXPECT_EQ(activity.appended_records, 2U);
  EXPECT_EQ(activity.appended_bytes, 5U);
  EXPECT_EQ(activity.read_records, 1U);
  EXPECT_EQ(activity.read_bytes, 3U);
}

TEST_F(MemoryStoreTest, CursorsAreBoundedInNumberAndTakeMemory) {
  Log& log = *test::FindLog(store_);
  EXPECT_TRUE(PutCursor(log, "a", 0).ok());
  EXPECT_TRUE(PutCursor(log, "b", 0).ok());
  EXPECT_EQ(PutCursor(log, "c", 0).status().code(), StatusCode::kNoSpace);
  EXPECT_TRUE(PutCursor(log, "a", 0).ok());
  EXPECT_TRUE(DeleteCursor(log, "a").ok());
  EXPECT_TRUE(PutCursor(log, "c", 0).ok());
  MemoryLogStore small(clock_, 100);
  EXPECT_EQ(PutCursor(*test::FindLog(small), "a", 0).status().code(), StatusCode::kNoSpace);
}

TEST_F(MemoryStoreTest, ACursorsRevisionsOnlyGrowAlsoThroughDeletions) {
  Log& log = *test::FindLog(store_);
  const auto made = PutCursor(log, "a", 0);
  EXPECT_TRUE(made->made);
  const auto moved = PutCursor(log, "a", 0);
  EXPECT_FALSE(moved->made);
  EXPECT_GT(moved->cursor.revision, made->cursor.revision);
  ASSERT_TRUE(DeleteCursor(log, "a").ok());
  EXPECT_GT(PutCursor(log, "a", 0)->cursor.revision, moved->cursor.revision);
  EXPECT_EQ(PutCursor(log, "a", 0, {{}, {made->cursor.revision}}).status().code(),
            StatusCode::kConditionFailed);
  EXPECT_EQ(PutCursor(log, "a", 1).status().code(), StatusCode::kBeyondEnd);
  clock_.Set(Timestamp(2000));
  MemoryLogStore restarted(clock_, 1 << 20);
  EXPECT_GT(PutCursor(*test::FindLog(restarted), "a", 0)->cursor.revision,
            moved->cursor.revision + 1);
}

TEST_F(MemoryStoreTest, LogsAreMadeUsedAndDeletedFromManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        const LogHandle log = Create("a")->log;
        const Status appended = Append(*log, std::string(100, 'x'));
        EXPECT_TRUE(appended.ok() || appended.code() == StatusCode::kLogDeleted);
        const Status deleted = Delete(log);
        EXPECT_TRUE(deleted.ok() || deleted.code() == StatusCode::kLogDeleted);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(List("", ""), "default ");
  EXPECT_TRUE(Append(*test::FindLog(store_), std::string(900'000, 'x')).ok())
      << "all is given back";
}

}  // namespace
}  // namespace daybook::log
