// How a group of appends to several logs becomes durable, seen from what the file system is asked.

#include "disk/group_commit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/logging.h"
#include "disk/data_folder.h"
#include "disk/journal_replay.h"
#include "disk/recovery.h"
#include "disk/submissions.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

using test::LossModel;
using test::SimulatedFileSystem;

constexpr const char* kFolder = "/data";

class GroupCommitTest : public testing::Test {
 protected:
  GroupCommitTest() {
    logging::SetLevel(logging::Level::kError);
    options_.journal_bytes = 64 << 10;
    options_.idle_time = std::chrono::minutes(1);
  }
  ~GroupCommitTest() override {
    logs_.clear();
    store_.reset();
    logging::SetLevel(logging::Level::kInfo);
  }

  // With four logs.
  void Start() {
    auto store = DiskLogStore::Open(files_, Clock::System(), kFolder, options_,
                                    [](const Status& status) { FAIL() << status.message(); });
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = std::move(*store);
    store_->AwaitRecovery();
    for (const char* const name : {"a", "b", "c", "d"}) {
      std::promise<std::shared_ptr<log::Log>> made;
      store_->Create(name, {}, [&](Result<log::Created> log) { made.set_value(log->log); });
      logs_.push_back(made.get_future().get());
    }
  }

  void Stop() {
    logs_.clear();
    store_.reset();
  }

  // So that the journal takes a group that comes then: the first ones ask for a file, which another
  // thread makes, and then one more. It makes none from then on, until that is full.
  void AwaitJournal() {
    while (JournalFiles() < 2) {
      AppendTogether({1, 2, 3}, 10);
      std::this_thread::yield();
    }
  }
  std::size_t JournalFiles() {
    const auto journals = ListJournals(files_, kFolder);
    return journals.ok() ? journals->size() : 0;
  }
  bool JournalHoldsAGroup() {
    const auto journals = ListJournals(files_, kFolder);
    if (!journals.ok()) return false;
    for (const std::string& path : *journals) {
      const Result<bool> held = CheckJournal(files_, path);
      if (held.ok() && *held) return true;
    }
    return false;
  }

  // One record to each of these logs in one group, behind one of log 0 alone.
  void AppendTogether(const std::vector<std::size_t>& logs, std::size_t bytes) {
    std::vector<Ask> asks = {Append(0, 1)};
    for (const std::size_t log : logs) asks.push_back(Append(log, bytes));
    AskTogether(asks);
  }

  Ask Append(std::size_t log, std::size_t bytes) {
    return [this, log, bytes](const Answered& answered) {
      AppendKeyed(*logs_[log], std::to_string(number_++) + "/" + std::string(bytes, 'v'),
                  [this, answered](const Result<log::Appended>& appended) {
                    EXPECT_TRUE(appended.ok()) << appended.status().message();
                    answered();
                  });
    };
  }

  // Operations since Mark() with such names.
  void Mark() { begun_ = files_.operations(); }
  int Count(const std::string& begin, const std::string& part) const {
    int count = 0;
    for (std::uint64_t i = begun_; i < files_.operations(); ++i) {
      const std::string name = files_.OperationName(i);
      count += name.starts_with(begin) && name.find(part) != std::string::npos ? 1 : 0;
    }
    return count;
  }

  std::string FolderOf(std::size_t log) const { return LogFolderIn(kFolder, logs_[log]->id()); }

  SimulatedFileSystem files_;
  DiskLogOptions options_;
  std::unique_ptr<DiskLogStore> store_;
  std::vector<std::shared_ptr<log::Log>> logs_;
  int number_ = 0;
  std::uint64_t begun_ = 0;
};

TEST_F(GroupCommitTest, AGroupOfSeveralLogsTakesOneSyncOfTheJournal) {
  options_.journal_bytes = 1 << 20;
  Start();
  AwaitJournal();
  Mark();
  AppendTogether({1, 2, 3}, 100);
  EXPECT_EQ(Count("Sync", ".log"), 1);  // of the first, which came alone
  EXPECT_EQ(Count("Sync", ".journal"), 1);
  EXPECT_EQ(Count("WriteAt", ".log"), 4);
  EXPECT_EQ(Count("WriteAt", ".journal"), 1);
}

TEST_F(GroupCommitTest, AGroupOfOneLogTakesNoJournal) {
  options_.journal_bytes = 1 << 20;
  Start();
  AwaitJournal();
  Mark();
  AppendTogether({1, 1, 1}, 100);
  EXPECT_EQ(Count("Sync", ".log"), 2);
  EXPECT_EQ(Count("", ".journal"), 0);
}

TEST_F(GroupCommitTest, AGroupOfManyBytesTakesNoJournal) {
  options_.journal_bytes = 1 << 20;
  Start();
  AwaitJournal();
  Mark();
  AppendTogether({1, 2}, 40 << 10);
  EXPECT_EQ(Count("Sync", ".log"), 3);
  EXPECT_EQ(Count("", ".journal"), 0);
}

TEST_F(GroupCommitTest, WithoutRoomForAJournalEachSegmentIsSynced) {
  options_.journal_bytes = 8 << 20;
  Start();
  constexpr std::uint64_t kCapacityBytes = 1ULL << 40;
  files_.SetCapacity(kCapacityBytes);
  files_.SetCapacity(kCapacityBytes - *files_.FreeBytes("/") + options_.journal_bytes / 2);
  Mark();
  for (int i = 0; i < 3; ++i) AppendTogether({1, 2, 3}, 100);
  EXPECT_EQ(Count("Sync", ".log"), 12);
  EXPECT_EQ(Count("", ".journal"), 0);
}

TEST_F(GroupCommitTest, WhatTheJournalTookSurvivesAPowerLoss) {
  Start();
  AwaitJournal();
  AppendTogether({1, 2, 3}, 100);
  const auto lost = files_.AfterPowerLoss(LossModel::kNothingKept, 0);
  const Offset end = InfoOf(*logs_[2]).next_offset;
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, options_.whole_sync_from).ok());
  const auto log = RecoverLog(*lost, FolderOf(2));
  ASSERT_TRUE(log.ok()) << log.status().message();
  EXPECT_EQ(log->segments.back().end.offset, end);
}

TEST_F(GroupCommitTest, AFullJournalIsReplayedAndUsedAgain) {
  options_.journal_bytes = 16 << 10;
  Start();
  AwaitJournal();
  Mark();
  while (Count("Rename", ".journal.tmp to ") < 4) AppendTogether({1, 2, 3}, 1000);
  EXPECT_GE(Count("Rename", ".journal to "), 1);  // made empty again
  EXPECT_LE(ListJournals(files_, kFolder)->size(), 2U);
  const auto lost = files_.AfterPowerLoss(LossModel::kNothingKept, 0);
  const Offset end = InfoOf(*logs_[3]).next_offset;
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, options_.whole_sync_from).ok());
  const auto log = RecoverLog(*lost, FolderOf(3));
  ASSERT_TRUE(log.ok()) << log.status().message();
  EXPECT_EQ(log->segments.back().end.offset, end);
}

TEST_F(GroupCommitTest, MarksOfSeveralIdleLogsAreOneGroupAndThenTheJournalIsReplayed) {
  options_.idle_time = std::chrono::milliseconds(20);
  Start();
  while (!JournalHoldsAGroup()) AppendTogether({1, 2, 3}, 10);
  while (JournalHoldsAGroup()) std::this_thread::yield();
  const auto lost = files_.AfterPowerLoss(LossModel::kNothingKept, 0);
  for (std::size_t i = 0; i < logs_.size(); ++i) {
    const auto log = RecoverLog(*lost, FolderOf(i));
    ASSERT_TRUE(log.ok()) << log.status().message();
    EXPECT_TRUE(log->last_ends_with_mark) << i;
    EXPECT_EQ(log->segments.back().end.offset, InfoOf(*logs_[i]).next_offset) << i;
  }
}

TEST_F(GroupCommitTest, ACleanStopLeavesNoJournal) {
  Start();
  AwaitJournal();
  AppendTogether({1, 2, 3}, 10);
  Stop();
  EXPECT_TRUE(ListJournals(files_, kFolder)->empty());
  for (const std::string& path : files_.Files())
    EXPECT_EQ(path.find(".journal"), std::string::npos) << path;
}

TEST_F(GroupCommitTest, AStartAfterAKillSyncsTheLogsTogetherBeforeTheyServe) {
  options_.whole_sync_from = 5;  // `default` is one, too
  Start();
  AppendTogether({1, 2, 3}, 100);
  const auto killed = files_.Clone();
  std::vector<Offset> ends;
  for (const auto& log : logs_) ends.push_back(InfoOf(*log).next_offset);
  for (const bool no_whole_sync : {false, true}) {
    const auto files = killed->Clone();
    files->NoWholeSync(no_whole_sync);
    const Status served = WithStore(*files, kFolder, options_, [&](DiskLogStore&) {
      int whole = 0;
      int metas = 0;
      for (std::uint64_t i = 0; i < files->operations(); ++i) {
        whole += files->OperationName(i) == "WholeSync" ? 1 : 0;
        metas += files->OperationName(i).ends_with("/meta") ? 1 : 0;
      }
      EXPECT_EQ(whole, no_whole_sync ? 0 : 1);
      EXPECT_EQ(metas, no_whole_sync ? 6 : 1);  // the catalogue's
      const auto lost = files->AfterPowerLoss(LossModel::kNothingKept, 0);
      for (std::size_t i = 0; i < logs_.size(); ++i) {
        const auto log = RecoverLog(*lost, FolderOf(i));
        ASSERT_TRUE(log.ok()) << log.status().message();
        EXPECT_EQ(log->segments.back().end.offset, ends[i]) << i;
      }
    });
    EXPECT_TRUE(served.ok()) << served.message();
  }
}

TEST_F(GroupCommitTest, AJournalThatWasBeingMadeIsRemovedAtTheStart) {
  Start();
  Stop();
  const std::string path = std::string(kFolder) + "/" + JournalName(Offset(7)) + ".tmp";
  files_.SetContents(path, "unfinished");
  Start();
  EXPECT_FALSE(HasName(files_.Files(), path));
}

TEST_F(GroupCommitTest, AFailedReplayIsAFailureOfTheStoreAlsoForWantOfRoom) {
  options_.journal_bytes = 16 << 10;
  for (const test::Failure failure : {test::Failure::kIoError, test::Failure::kNoSpace}) {
    SimulatedFileSystem files;
    Status failed;
    auto store = DiskLogStore::Open(files, Clock::System(), kFolder, options_,
                                    [&](const Status& status) { failed = status; });
    ASSERT_TRUE(store.ok());
    (*store)->AwaitRecovery();
    for (const char* const name : {"a", "b"}) {
      std::promise<std::shared_ptr<log::Log>> made;
      (*store)->Create(name, {}, [&](Result<log::Created> log) { made.set_value(log->log); });
      logs_.push_back(made.get_future().get());
    }
    const auto append = [&](std::size_t log) -> Ask {
      return [&, log](const Answered& answered) {
        AppendKeyed(*logs_[log], std::to_string(number_++) + "/",
                    [answered](const Result<log::Appended>&) { answered(); });
      };
    };
    const auto group = [&] { AskTogether({append(0), append(0), append(1)}); };
    while (ListJournals(files, kFolder)->size() < 2) group();
    group();
    // The stop writes two marks, here and to the journal, syncs that, and then replays it.
    const std::uint64_t next = files.operations();
    for (std::uint64_t i = 4; i < 8; ++i) files.FailOperation(next + i, failure);
    logs_.clear();
    store->reset();
    EXPECT_FALSE(failed.ok()) << static_cast<int>(failure);
    EXPECT_FALSE(ListJournals(files, kFolder)->empty()) << "the journal was given up";
  }
}

}  // namespace
}  // namespace daybook::disk
