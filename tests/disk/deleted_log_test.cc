// Logs that are deleted: what they answer from then on, and what becomes of their folders.

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/logging.h"
#include "disk/data_folder.h"
#include "disk/submissions.h"
#include "support/file_calls.h"
#include "support/find_log.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

using LogPtr = std::shared_ptr<log::Log>;

constexpr const char* kFolder = "/data";

template <typename T>
StatusCode CodeOf(const Result<T>& result) {
  return result.status().code();
}

class DeletedLogTest : public testing::Test {
 protected:
  DeletedLogTest() { logging::SetLevel(logging::Level::kError); }
  ~DeletedLogTest() override { logging::SetLevel(logging::Level::kInfo); }

  void Run(const std::function<void(DiskLogStore&)>& use) {
    const Status status = WithStore(files_, kFolder, {}, use);
    EXPECT_TRUE(status.ok()) << status.message();
  }

  static LogPtr Make(DiskLogStore& store, const std::string& name) {
    std::promise<LogPtr> made;
    store.Create(name, {}, [&](Result<log::Created> log) {
      EXPECT_TRUE(log.ok() && log->made) << log.status().message();
      made.set_value(log.ok() ? log->log : nullptr);
    });
    return made.get_future().get();
  }
  static Status Delete(DiskLogStore& store, const LogPtr& log) {
    std::promise<Status> answer;
    store.Delete(log, [&](Status status) { answer.set_value(std::move(status)); });
    const Status status = answer.get_future().get();
    store.AwaitHousekeeping();
    return status;
  }
  static Result<log::Appended> Append(const LogPtr& log, const std::string& value) {
    std::promise<Result<log::Appended>> answer;
    AppendKeyed(*log, value, [&](Result<log::Appended> appended) { answer.set_value(appended); });
    return answer.get_future().get();
  }
  static Result<log::CursorPut> Put(const LogPtr& log, Offset offset,
                                    const log::CursorCondition& condition = {}) {
    std::promise<Result<log::CursorPut>> answer;
    log->PutCursor("reader", offset, condition,
                   [&](Result<log::CursorPut> put) { answer.set_value(std::move(put)); });
    return answer.get_future().get();
  }
  static Result<log::Cursor> Get(const LogPtr& log) {
    Result<log::Cursor> told = log::Cursor();
    log->GetCursor("reader", [&](Result<log::Cursor> cursor) { told = std::move(cursor); });
    return told;
  }

  // Files in the log's folder, under whichever name that is now.
  int FilesOf(const log::LogId& id) const {
    int count = 0;
    for (const std::string& path : files_.Files())
      count += path.starts_with(LogFolderIn(kFolder, id)) ? 1 : 0;
    return count;
  }

  test::SimulatedFileSystem files_;
};

TEST_F(DeletedLogTest, AnswersEverythingWithThat) {
  Run([&](DiskLogStore& store) {
    const LogPtr log = Make(store, "a");
    EXPECT_TRUE(Append(log, "1/").ok());
    EXPECT_TRUE(Put(log, Offset(1)).ok());
    EXPECT_TRUE(Delete(store, log).ok());

    EXPECT_EQ(CodeOf(Append(log, "2/")), StatusCode::kLogDeleted);
    EXPECT_EQ(CodeOf(Append(log, "1/")), StatusCode::kLogDeleted);  // a retry, too
    EXPECT_EQ(CodeOf(ValuesOf(*log, Offset(0))), StatusCode::kLogDeleted);
    EXPECT_EQ(CodeOf(Put(log, Offset(1))), StatusCode::kLogDeleted);
    EXPECT_EQ(CodeOf(Get(log)), StatusCode::kLogDeleted);
    const auto expect_deleted = [](const auto& result) {
      EXPECT_EQ(result.status().code(), StatusCode::kLogDeleted);
    };
    log->Info(expect_deleted);
    log->Cursors(expect_deleted);
    std::promise<void> done[3];
    log->Trim(Offset(1), [&](const Result<log::LogInfo>& info) {
      expect_deleted(info);
      done[0].set_value();
    });
    log->Configure({}, [&](const Result<log::LogInfo>& info) {
      expect_deleted(info);
      done[1].set_value();
    });
    log->DeleteCursor("reader", {}, [&](const Status& status) {
      EXPECT_EQ(status.code(), StatusCode::kLogDeleted);
      done[2].set_value();
    });
    for (std::promise<void>& each : done) each.get_future().get();
    EXPECT_EQ(Delete(store, log).code(), StatusCode::kLogDeleted);
  });
}

TEST_F(DeletedLogTest, WhatIsUnderWayIsAnswered) {
  Run([&](DiskLogStore& store) {
    const LogPtr log = Make(store, "a");
    files_.HoldSyncs(true);
    std::vector<std::promise<Status>> answers(40);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      AppendKeyed(*log, std::to_string(i) + "/", [&, i](const Result<log::Appended>& appended) {
        answers[i].set_value(appended.status());
      });
    }
    std::promise<Status> deleted;
    store.Delete(log, [&](Status status) { deleted.set_value(std::move(status)); });
    files_.HoldSyncs(false);
    for (std::promise<Status>& answer : answers) {
      const Status status = answer.get_future().get();
      EXPECT_TRUE(status.ok() || status.code() == StatusCode::kLogDeleted) << status.message();
    }
    EXPECT_TRUE(deleted.get_future().get().ok());
  });
}

TEST_F(DeletedLogTest, ItsFolderGoesAndItIsNotThereAfterAStart) {
  log::LogId id;
  Run([&](DiskLogStore& store) {
    const LogPtr log = Make(store, "a");
    id = log->id();
    EXPECT_TRUE(Append(log, "1/").ok());
    EXPECT_GT(FilesOf(id), 0);
    EXPECT_TRUE(Delete(store, log).ok());
    EXPECT_EQ(FilesOf(id), 0);
  });
  Run([&](DiskLogStore& store) {
    store.Find("a", [](const Result<LogPtr>& log) {
      EXPECT_EQ(log.status().code(), StatusCode::kNotFound);
    });
  });
}

TEST_F(DeletedLogTest, OneMadeAgainUnderItsNameHasNothingOfIt) {
  log::LogId id;
  std::uint64_t revision = 0;
  Run([&](DiskLogStore& store) {
    const LogPtr old = Make(store, "a");
    EXPECT_TRUE(Append(old, "1/").ok());
    revision = Put(old, Offset(1))->cursor.revision;
    EXPECT_TRUE(Delete(store, old).ok());
    const LogPtr log = Make(store, "a");
    id = log->id();
    EXPECT_NE(id, old->id());
    EXPECT_EQ(InfoOf(*log).next_offset, Offset(0));
    EXPECT_EQ(CodeOf(Get(log)), StatusCode::kNotFound);
    EXPECT_EQ(CodeOf(Put(log, Offset(0), {{}, {revision}})), StatusCode::kConditionFailed);
    const Result<log::Appended> appended = Append(log, "1/");
    ASSERT_TRUE(appended.ok());
    EXPECT_FALSE(appended->replayed);
    EXPECT_EQ(CodeOf(Append(old, "2/")), StatusCode::kLogDeleted);
  });
  Run([&](DiskLogStore& store) {
    const LogPtr log = test::FindLog(store, "a");
    EXPECT_EQ(log->id(), id);
    EXPECT_EQ(ValuesOf(*log, Offset(0)).value(), Values{"1/"});
    EXPECT_EQ(CodeOf(Get(log)), StatusCode::kNotFound);
    const Result<log::CursorPut> put = Put(log, Offset(1));
    ASSERT_TRUE(put.ok());
    EXPECT_GT(put->cursor.revision, revision);
  });
}

TEST_F(DeletedLogTest, ItsFolderStaysWhileABackupIsMadeAndGoesAfterwards) {
  Run([&](DiskLogStore& store) {
    const LogPtr log = Make(store, "a");
    auto backup = files_.Open(std::string(kFolder) + "/BACKUP", FileSystem::Mode::kRead);
    ASSERT_TRUE(backup.ok() && (*backup)->TryLockShared().ok());
    EXPECT_TRUE(Delete(store, log).ok());
    EXPECT_GT(FilesOf(log->id()), 0);
    EXPECT_EQ(CodeOf(Append(log, "1/")), StatusCode::kLogDeleted);
    backup->reset();
    store.AwaitHousekeeping();
    EXPECT_EQ(FilesOf(log->id()), 0);
  });
}

TEST_F(DeletedLogTest, ItsFolderGoesAtTheNextStartWhereABackupWasMadeUpToTheEnd) {
  log::LogId id;
  {
    std::unique_ptr<File> backup;
    Run([&](DiskLogStore& store) {
      const LogPtr log = Make(store, "a");
      id = log->id();
      EXPECT_TRUE(Append(log, "1/").ok());
      backup = test::OpenFile(files_, std::string(kFolder) + "/BACKUP", FileSystem::Mode::kRead);
      ASSERT_TRUE(backup->TryLockShared().ok());
      EXPECT_TRUE(Delete(store, log).ok());
    });
    EXPECT_GT(FilesOf(id), 0);
    Run([&](DiskLogStore&) { EXPECT_GT(FilesOf(id), 0); });
  }
  Run([&](DiskLogStore&) { EXPECT_EQ(FilesOf(id), 0); });
}

TEST_F(DeletedLogTest, ALeftoverOfACreationGoesAtTheStart) {
  Run([](DiskLogStore&) {});
  const log::LogId id = log::LogId::Random();
  const log::LogId half = log::LogId::Random();
  {
    auto folder = DataFolder::Lock(files_, kFolder);
    ASSERT_TRUE(folder.ok());
    ASSERT_TRUE((*folder)->MakeLogFolder(id.ToString(), id, Timestamp(1), {}).ok());
    ASSERT_TRUE(files_.MakeFolder(LogFolderIn(kFolder, half) + ".tmp").ok());
    files_.SetContents(LogFolderIn(kFolder, half) + ".tmp/meta", "half");
  }
  Run([&](DiskLogStore&) {
    EXPECT_EQ(FilesOf(id), 0);
    EXPECT_EQ(FilesOf(half), 0);
  });
}

TEST_F(DeletedLogTest, AFolderWithRecordsThatTheCatalogueDoesNotNameIsLeftAlone) {
  Run([](DiskLogStore&) {});
  const log::LogId id = log::LogId::Random();
  {
    auto folder = DataFolder::Lock(files_, kFolder);
    ASSERT_TRUE(folder.ok());
    log::Batch batch(1);
    batch.front().value = "a record";
    ASSERT_TRUE((*folder)->MakeLogFolder(id.ToString(), id, Timestamp(1), batch).ok());
  }
  const int files = FilesOf(id);
  Run([&](DiskLogStore&) { EXPECT_EQ(FilesOf(id), files); });
}

TEST_F(DeletedLogTest, ACreationForWhichThereIsNoRoomLeavesNothing) {
  Run([&](DiskLogStore& store) {
    const std::size_t before = files_.Files().size();
    FillUp(files_);
    std::promise<Status> answer;
    store.Create("a", {},
                 [&](const Result<log::Created>& made) { answer.set_value(made.status()); });
    EXPECT_EQ(answer.get_future().get().code(), StatusCode::kNoSpace);
    EXPECT_EQ(files_.Files().size(), before);
    files_.SetCapacity(UINT64_MAX);
    EXPECT_NE(Make(store, "a"), nullptr);
  });
}

TEST_F(DeletedLogTest, ACreationTakesNothingOfWhatIsToStayFree) {
  DiskLogOptions options;
  options.reserve_bytes = 1 << 20;
  const Status failure = WithStore(files_, kFolder, options, [&](DiskLogStore& store) {
    constexpr std::uint64_t kCapacityBytes = 1ULL << 40;
    files_.SetCapacity(kCapacityBytes);
    files_.SetCapacity(kCapacityBytes - *files_.FreeBytes("/") + options.reserve_bytes);
    std::promise<Status> answer;
    store.Create("a", {},
                 [&](const Result<log::Created>& made) { answer.set_value(made.status()); });
    EXPECT_EQ(answer.get_future().get().code(), StatusCode::kNoSpace);
    EXPECT_EQ(*files_.FreeBytes("/"), options.reserve_bytes);
  });
  EXPECT_TRUE(failure.ok()) << failure.message();
}

}  // namespace
}  // namespace daybook::disk
