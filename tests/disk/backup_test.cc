#include "disk/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "disk/copy_test.h"
#include "support/find_log.h"

namespace daybook::disk {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// Files of which something happens before each link.
class HookedFiles : public FileSystem {
 public:
  HookedFiles(FileSystem& files, std::function<void()> before_link)
      : files_(files), before_link_(std::move(before_link)) {}

  Result<std::unique_ptr<File>> Open(const std::string& path, Mode mode) override {
    return files_.Open(path, mode);
  }
  Status MakeFolder(const std::string& path) override { return files_.MakeFolder(path); }
  Status SyncFolder(const std::string& path) override { return files_.SyncFolder(path); }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return files_.List(path);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    return files_.Rename(from, to);
  }
  Status Remove(const std::string& path) override { return files_.Remove(path); }
  Status Link(const std::string& from, const std::string& to) override {
    before_link_();
    return files_.Link(from, to);
  }
  Result<std::unique_ptr<WholeSync>> BeginWholeSync(const std::string& path) override {
    return files_.BeginWholeSync(path);
  }
  Result<std::uint64_t> FreeBytes(const std::string& path) override {
    return files_.FreeBytes(path);
  }

 private:
  FileSystem& files_;
  const std::function<void()> before_link_;
};

class BackupTest : public CopyTest {
 protected:
  LogCopy DefaultOf(const Result<std::vector<LogCopy>>& copies) {
    EXPECT_TRUE(copies.ok()) << copies.status().message();
    if (!copies.ok() || copies->size() != 2) return {};
    EXPECT_EQ(copies->at(0).name, "");
    EXPECT_EQ(copies->at(1).name, "default");
    return copies->at(1);
  }
};

TEST_F(BackupTest, WhatWasAcknowledgedBeforeIsInItAlsoWhileTheLogIsServed) {
  Result<std::vector<LogCopy>> copies = std::vector<LogCopy>();
  Write({"the last before"}, kSegmentBytesMax,
        [&] { copies = Backup(files_, "/data", "/backup"); });
  values_.push_back("the last before");
  const LogCopy copy = DefaultOf(copies);
  EXPECT_EQ(copy.first_offset, Offset(0));
  EXPECT_EQ(copy.next_offset, Offset(values_.size()));
  EXPECT_EQ(copy.segments, Segments().size() / 2);  // which finds those of the backup, too
  EXPECT_EQ(Served(files_, "/backup").value(), values_);
  EXPECT_EQ(Served(files_, "/data").value(), values_);
}

TEST_F(BackupTest, WhatIsAppendedMeanwhileIsThereUpToSomeRecord) {
  std::vector<std::string> values = values_;
  for (int i = 0; i < 300; ++i) values.push_back(std::to_string(i) + std::string(1500, 'x'));
  std::atomic<std::size_t> acknowledged{0};
  DiskLogOptions options;
  options.segment_bytes_max = kSegmentBytesMax;
  std::thread appender([&] {
    auto store =
        DiskLogStore::Open(files_, Clock::System(), "/data", options, [](const Status&) {});
    (*store)->AwaitRecovery();
    for (std::size_t i = values_.size(); i < values.size(); ++i) {
      log::Batch batch(1);
      batch.front().value = values[i];
      std::promise<void> done;
      test::FindLog(**store)->Append(std::move(batch),
                                     [&](const Result<log::Appended>&) { done.set_value(); });
      done.get_future().get();
      acknowledged = i + 1;
    }
  });
  std::vector<std::size_t> before;
  for (int i = 0; i < 20; ++i) {
    before.push_back(acknowledged);
    const auto copies = Backup(files_, "/data", "/backup" + std::to_string(i));
    EXPECT_TRUE(copies.ok()) << copies.status().message();
  }
  appender.join();
  for (int i = 0; i < 20; ++i) {
    const auto served = Served(files_, "/backup" + std::to_string(i));
    ASSERT_TRUE(served.ok()) << served.status().message();
    ASSERT_GE(served->size(), before[static_cast<std::size_t>(i)]);
    EXPECT_EQ(*served, std::vector(values.begin(),
                                   values.begin() + static_cast<std::ptrdiff_t>(served->size())));
  }
}

TEST_F(BackupTest, SealedSegmentsAreLinksAndTheLastIsACopy) {
  const std::vector<std::string> originals = Segments();
  const LogCopy copy = DefaultOf(Backup(files_, "/data", "/backup"));
  const std::vector<std::string> all = Segments();
  ASSERT_EQ(copy.segments, originals.size());
  std::uint64_t linked_bytes = 0;
  for (std::size_t i = 0; i < originals.size(); ++i) {
    const std::string& original = originals.at(i);
    const std::string& made = all.at(i);
    const bool last = i + 1 == originals.size();
    ASSERT_TRUE(made.starts_with("/backup/") && original.starts_with("/data/"));
    if (!last) linked_bytes += files_.Contents(original).size();
    files_.FlipBit(original, 0);
    EXPECT_EQ(files_.Contents(made) != files_.Contents(original), last) << made;
  }
  EXPECT_EQ(copy.linked_bytes, linked_bytes);
  EXPECT_EQ(copy.copied_bytes, files_.Contents(all.at(originals.size() - 1)).size());
}

TEST_F(BackupTest, NothingThatHappensToTheOriginalAltersItAndTheOtherWayRound) {
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  const auto backup = Contents(files_, "/backup");
  WriteMore({std::string(3000, 'f'), std::string(3000, 'g'), std::string(3000, 'h')});
  EXPECT_EQ(Served(files_, "/data").value(), values_);
  EXPECT_EQ(Contents(files_, "/backup"), backup);
  const auto data = Contents(files_, "/data");
  EXPECT_EQ(Served(files_, "/backup", std::vector(9, std::string(3000, 'z'))).value().size(), 5U);
  EXPECT_EQ(Served(files_, "/backup").value().size(), 14U);
  EXPECT_EQ(Contents(files_, "/data"), data);
}

TEST_F(BackupTest, WhereNothingCanBeLinkedItIsCopied) {
  const auto copy_all = files_.Clone();
  std::uint64_t links = 0;
  HookedFiles files(*copy_all, [&] {
    copy_all->FailOperation(copy_all->operations(), test::Failure::kIoError);
    ++links;
  });
  const LogCopy copy = DefaultOf(Backup(files, "/data", "/backup"));
  EXPECT_EQ(links, Segments().size() - 1);
  EXPECT_EQ(copy.linked_bytes, 0U);
  EXPECT_EQ(Served(*copy_all, "/backup").value(), values_);
  copy_all->FlipBit(SegmentsIn(*copy_all).at(0), 0);
  EXPECT_EQ(Served(*copy_all, "/data").value(), values_);
}

TEST_F(BackupTest, AnEndThatWasNeverAcknowledgedIsLeftOut) {
  WriteWithoutIndex({"whole", "torn"});
  values_.emplace_back("whole");
  const std::string segment = Segments().back();
  std::string bytes = files_.Contents(segment);
  bytes.resize(bytes.find("torn") + 2);  // and with it the mark behind it
  files_.SetContents(segment, bytes);
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  EXPECT_EQ(Served(files_, "/backup").value(), values_);
  EXPECT_EQ(files_.Contents(segment), bytes);
}

TEST_F(BackupTest, DamageToTheLastSegmentIsARefusalThatNamesThePlaceAndLeavesNothing) {
  const std::string segment = Segments().back();
  files_.FlipBit(segment, (kSegmentHeaderBytes + 70) * 8);
  const auto before = Contents(files_, "/data");
  const Status status = Backup(files_, "/data", "/backup").status();
  EXPECT_EQ(status.code(), StatusCode::kDamaged);
  EXPECT_THAT(status.message(), HasSubstr(segment + ", position 4096"));
  EXPECT_TRUE(HoldsNothing(files_, "/backup"));
  EXPECT_EQ(Contents(files_, "/data"), before);
}

TEST_F(BackupTest, RecordsThatTheLogHasLeftBehindAreLeftOut) {
  const std::vector<std::string> segments = Segments();
  const std::string meta = FolderOf(segments.at(0)) + "/meta";
  const Offset second = *ParseSegmentName(segments.at(1).substr(segments.at(1).rfind('/') + 1));
  files_.SetContents(meta, EncodeMeta({DecodeMeta(files_.Contents(meta))->log, second}));
  const LogCopy copy = DefaultOf(Backup(files_, "/data", "/backup"));
  EXPECT_EQ(copy.first_offset, second);
  EXPECT_EQ(copy.segments, segments.size() - 1);
}

TEST_F(BackupTest, SegmentsCannotBeTakenAwayWhileItRuns) {
  const std::vector<std::string> segments = Segments();
  std::vector<StatusCode> taken;
  HookedFiles files(files_, [&] {
    const auto file = files_.Open("/data/BACKUP", FileSystem::Mode::kOpenOrCreate);
    taken.push_back((*file)->TryLock().code());
  });
  ASSERT_TRUE(Backup(files, "/data", "/backup").ok());
  EXPECT_EQ(taken, std::vector(segments.size() - 1, StatusCode::kUnavailable));
  const auto file = files_.Open("/data/BACKUP", FileSystem::Mode::kOpenOrCreate);
  EXPECT_TRUE((*file)->TryLock().ok());
}

TEST_F(BackupTest, WhileSegmentsAreTakenAwayNoneIsBegun) {
  const auto file = files_.Open("/data/BACKUP", FileSystem::Mode::kOpenOrCreate);
  ASSERT_TRUE((*file)->TryLock().ok());
  CopyOptions impatient;
  impatient.patience = milliseconds(0);
  const Status status = Backup(files_, "/data", "/backup", impatient).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("/data/BACKUP"));
  EXPECT_TRUE(HoldsNothing(files_, "/backup"));
}

TEST_F(BackupTest, ASegmentThatIsTakenAwayAllTheSameIsARefusalThatLeavesNothing) {
  const std::vector<std::string> segments = Segments();
  HookedFiles files(files_, [&] { (void)files_.Remove(segments.at(1)); });
  const Status status = Backup(files, "/data", "/backup").status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr(segments.at(1)));
  EXPECT_TRUE(HoldsNothing(files_, "/backup"));
}

TEST_F(BackupTest, OnlyADataFolderIsCopiedAndAnotherIsNotTouched) {
  EXPECT_EQ(Backup(files_, "/none", "/backup").status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(files_.MakeFolder("/other").ok());
  const Status status = Backup(files_, "/other", "/backup").status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("/other has no catalogue"));
  EXPECT_TRUE(files_.List("/other")->empty());
}

TEST_F(BackupTest, AJournalThatNobodyServesIsARefusal) {
  const std::string journal = "/data/" + JournalName(Offset(7));
  files_.SetContents(journal, "");
  const Status status = Backup(files_, "/data", "/backup").status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr(journal));
}

TEST_F(BackupTest, AFolderIsTakenThatHoldsNothing) {
  ASSERT_TRUE(files_.MakeFolder("/backup").ok());
  ASSERT_TRUE(files_.MakeFolder("/backup/lost+found").ok());
  ASSERT_TRUE(Backup(files_, "/data", "/backup/").ok());
  EXPECT_EQ(Served(files_, "/backup").value(), values_);
}

TEST_F(BackupTest, AFolderThatHoldsSomethingIsRefusedAndStaysAsItIs) {
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  ASSERT_TRUE(files_.MakeFolder("/other").ok());
  files_.SetContents("/other/file", "x");
  for (const std::string folder : {"/backup", "/other", "/data"}) {
    const auto before = Contents(files_, "/");
    const Status status = Backup(files_, "/data", folder).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(status.message(), HasSubstr(folder + " is not empty"));
    (void)files_.Remove("/other/LOCK");
    EXPECT_EQ(Contents(files_, "/"), before);
  }
}

TEST_F(BackupTest, AFolderThatIsServedIsRefused) {
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  const auto lock = files_.Open("/backup/LOCK", FileSystem::Mode::kOpenOrCreate);
  ASSERT_TRUE((*lock)->TryLock().ok());
  EXPECT_EQ(Backup(files_, "/data", "/backup").status().code(), StatusCode::kUnavailable);
  const Status status = Restore(files_, "/backup", "/restored").status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("/backup is being served"));
}

TEST_F(BackupTest, InADataFolderItHasNoNameOfALog) {
  for (const std::string name : {"catalogue", "6f9619ff-8b86-4011-b42d-00cf4fc964ff"})
    EXPECT_EQ(Backup(files_, "/data", "/data/" + name).status().code(),
              StatusCode::kInvalidArgument);
  ASSERT_TRUE(Backup(files_, "/data", "/data/monday").ok());
  EXPECT_EQ(Served(files_, "/data").value(), values_);
  EXPECT_EQ(Served(files_, "/data/monday").value(), values_);
}

TEST_F(BackupTest, AnUnfinishedOneIsServedByNobodyAndMadeAnewByTheNext) {
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  files_.SetContents("/backup/INCOMPLETE", "");
  const auto served = Served(files_, "/backup");
  EXPECT_EQ(served.status().code(), StatusCode::kDamaged);
  EXPECT_THAT(served.status().message(), HasSubstr("/backup/INCOMPLETE"));
  EXPECT_THAT(Restore(files_, "/backup", "/restored").status().message(),
              HasSubstr("/backup/INCOMPLETE"));
  WriteMore({"later"});
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  EXPECT_EQ(Served(files_, "/backup").value(), values_);
  files_.SetContents("/backup/INCOMPLETE", "");
  files_.SetContents("/backup/somebody's", "x");
  EXPECT_THAT(Backup(files_, "/data", "/backup").status().message(),
              HasSubstr("is not empty: it has somebody's"));
}

TEST_F(BackupTest, ARestoreHasAllAndSharesNothing) {
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  const LogCopy copy = DefaultOf(Restore(files_, "/backup", "/restored"));
  EXPECT_EQ(copy.linked_bytes, 0U);
  EXPECT_EQ(copy.next_offset, Offset(values_.size()));
  for (const std::string& path : files_.Files())
    if (path.starts_with("/restored/") && path.ends_with(".log")) files_.FlipBit(path, 0);
  EXPECT_EQ(Served(files_, "/backup").value(), values_);
  EXPECT_FALSE(Served(files_, "/restored").ok());
}

TEST_F(BackupTest, ARestoredLogIsTheSameLogAndGoesOn) {
  const std::string folder = FolderOf(Segments().back());
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  const LogCopy copy = DefaultOf(Restore(files_, "/backup", "/restored"));
  EXPECT_EQ("/data/" + copy.id.ToString(), folder);
  EXPECT_EQ(Served(files_, "/restored", {"after"}).value(), values_);
  values_.emplace_back("after");
  EXPECT_EQ(Served(files_, "/restored").value(), values_);
}

TEST_F(BackupTest, ARestoreReadsEveryFrameFirst) {
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  for (const std::string& path : files_.Files()) {
    if (!path.starts_with("/backup/") || !path.ends_with(".log")) continue;
    files_.FlipBit(path, (kSegmentHeaderBytes + 60) * 8);
    const Status status = Restore(files_, "/backup", "/restored").status();
    EXPECT_EQ(status.code(), StatusCode::kDamaged);
    EXPECT_THAT(status.message(), HasSubstr(path + ", position 4096"));
    EXPECT_EQ(files_.List("/restored").status().code(), StatusCode::kNotFound);
    files_.FlipBit(path, (kSegmentHeaderBytes + 60) * 8);
  }
  EXPECT_TRUE(Restore(files_, "/backup", "/restored").ok());
}

TEST_F(BackupTest, ARestoreWithoutAMiddleSegmentIsRefused) {
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  ASSERT_TRUE(files_.Remove(Segments().at(1)).ok());
  EXPECT_EQ(Restore(files_, "/backup", "/restored").status().code(), StatusCode::kDamaged);
}

TEST_F(BackupTest, ProgressCountsTheBytesOfAPhase) {
  ASSERT_TRUE(Backup(files_, "/data", "/backup").ok());
  std::vector<std::uint64_t> bytes(2);
  CopyOptions options;
  options.on_progress = [&](CopyPhase phase, std::uint64_t done) {
    std::uint64_t& so_far = bytes.at(static_cast<std::size_t>(phase));
    EXPECT_GT(done, so_far);
    so_far = done;
  };
  const auto copies = Restore(files_, "/backup", "/restored", options);
  EXPECT_GT(bytes.at(0), 12'000U);  // the values'
  EXPECT_EQ(bytes.at(1), copies->at(0).copied_bytes + copies->at(1).copied_bytes);
}

}  // namespace
}  // namespace daybook::disk
