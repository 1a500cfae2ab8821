// A file of the journal, and how its frames come to be where they belong.

#include "disk/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/logging.h"
#include "disk/append_body.h"
#include "disk/data_folder.h"
#include "disk/journal_file.h"
#include "disk/journal_replay.h"
#include "disk/log_folder.h"
#include "disk/recovery.h"
#include "disk/segment_writer.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

using test::LossModel;
using test::SimulatedFileSystem;

constexpr const char* kFolder = "/data";
constexpr std::uint64_t kJournalBytes = 64 << 10;
constexpr std::size_t kOneByOne = SIZE_MAX;  // segments are synced

// The end of a log whose frames stand in the journal and, unless they are written, nowhere else.
struct End {
  log::LogId id = log::LogId::Random();
  std::unique_ptr<SegmentWriter> writer;
  Offset next_offset;
};

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    logging::SetLevel(logging::Level::kError);
    Result<std::unique_ptr<DataFolder>> folder = DataFolder::Lock(files_, kFolder);
    EXPECT_TRUE(folder.ok());
    folder_ = std::move(*folder);
    for (End& end : ends_) {
      EXPECT_TRUE(folder_->MakeLogFolder(end.id.ToString(), end.id, Timestamp(1), {}).ok());
      Resume(end);
    }
    journal_ = MakeJournal(0);
  }
  ~JournalTest() override { logging::SetLevel(logging::Level::kInfo); }

  std::unique_ptr<JournalFile> MakeJournal(std::uint64_t number) {
    auto made = JournalFile::Create(files_, kFolder, catalogue_, Offset(number), kJournalBytes,
                                    Timestamp(1));
    EXPECT_TRUE(made.ok()) << made.status().message();
    return std::move(*made);
  }

  std::string SegmentOf(const End& end) const {
    return folder_->LogFolder(end.id) + "/" + SegmentName(Offset(0));
  }

  void Resume(End& end) {
    const auto header = DecodeSegmentHeader(files_.Contents(SegmentOf(end)));
    ASSERT_TRUE(header.ok());
    end.writer =
        SegmentWriter::Resume(files_, folder_->LogFolder(end.id), *header, kSegmentHeaderBytes);
    end.next_offset = Offset(0);
  }

  // A group of one frame of each of these logs, of which the segments' files have nothing.
  void AppendGroup(const std::vector<End*>& ends, const std::string& value = "value") {
    JournalGroup::Size size;
    for (End* const end : ends) {
      log::Batch batch(1);
      batch.front().value = value;
      std::optional<EncodedAppend> frame = EncodeAppend(batch, {});
      ASSERT_TRUE(frame);
      FrameHeader header;
      header.body_bytes = frame->body_bytes;
      header.record_count = 1;
      header.first_offset = end->next_offset;
      ASSERT_TRUE(end->writer->MakeRoom(frame->bytes.size()).ok());
      end->writer->Add(header, std::move(frame->bytes));
      end->next_offset = end->next_offset + 1;
      size.AddPart(end->writer->position() - end->writer->written_position());
    }
    JournalGroup group(size);
    for (End* const end : ends) {
      group.Add({end->id, Offset(0), end->writer->written_position()}, end->writer->added());
      // A file of its own takes the write, which then is lost.
      ASSERT_TRUE(end->writer->Write(SegmentWriter::Zeros::kNone).ok());
      end->writer->NoteDurable();
    }
    ASSERT_TRUE(journal_->HasRoomFor(size.bytes));
    positions_.push_back(journal_->position());
    const Status status = journal_->Append(std::move(group), Timestamp(1));
    ASSERT_TRUE(status.ok()) << status.message();
  }

  // What is there after a power loss that took all that was not synced.
  std::unique_ptr<SimulatedFileSystem> Lose() const {
    return files_.AfterPowerLoss(LossModel::kNothingKept, 0);
  }

  // How many records the log has.
  std::uint64_t RecordsOf(SimulatedFileSystem& files, const End& end) const {
    const auto log = RecoverLog(files, folder_->LogFolder(end.id));
    EXPECT_TRUE(log.ok()) << log.status().message();
    return log.ok() ? log->segments.back().end.offset.value : 0;
  }

  // Flips a bit of the body of a group.
  static void Damage(SimulatedFileSystem& files, const std::string& path, std::uint64_t position) {
    files.FlipBit(path, (position + kFrameHeaderBytes + 60) * 8);
  }

  const log::LogId catalogue_ = log::LogId::Random();
  SimulatedFileSystem files_;
  std::unique_ptr<DataFolder> folder_;
  End ends_[4];
  End& a_ = ends_[0];
  End& b_ = ends_[1];
  End& c_ = ends_[2];
  End& d_ = ends_[3];
  std::unique_ptr<JournalFile> journal_;
  std::vector<std::uint64_t> positions_;  // of the groups
};

TEST_F(JournalTest, WhatAGroupHeldIsInItsSegmentsAfterAReplay) {
  AppendGroup({&a_, &b_}, "one");
  AppendGroup({&b_, &c_}, "two");
  const auto lost = Lose();
  const auto without = lost->Clone();
  EXPECT_EQ(RecordsOf(*without, b_), 0U);
  const auto report = ReplayJournals(*lost, kFolder, kOneByOne);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->journals, 1U);
  EXPECT_EQ(report->segments, 3U);
  EXPECT_EQ(RecordsOf(*lost, a_), 1U);
  EXPECT_EQ(RecordsOf(*lost, b_), 2U);
  EXPECT_EQ(RecordsOf(*lost, c_), 1U);
  EXPECT_NE(lost->Contents(SegmentOf(b_)).find("one"), std::string::npos);
  EXPECT_TRUE(ListJournals(*lost, kFolder)->empty());
}

TEST_F(JournalTest, WhatWasReplayedIsDurableBeforeTheJournalGoes) {
  AppendGroup({&a_, &b_});
  const auto lost = Lose();
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  const auto again = lost->AfterPowerLoss(LossModel::kNothingKept, 0);
  EXPECT_TRUE(ListJournals(*again, kFolder)->empty());
  EXPECT_EQ(RecordsOf(*again, a_), 1U);
  EXPECT_EQ(RecordsOf(*again, b_), 1U);
}

TEST_F(JournalTest, TheFileSystemIsSyncedOnceForManySegmentsAndEachOfThemWhereThatTellsTooLittle) {
  AppendGroup({&a_, &b_, &c_});
  const auto count = [](const SimulatedFileSystem& files, const std::string& begin) {
    int operations = 0;
    for (std::uint64_t i = 0; i < files.operations(); ++i)
      operations += files.OperationName(i).starts_with(begin) ? 1 : 0;
    return operations;
  };
  for (const bool no_whole_sync : {false, true}) {
    const auto lost = Lose();
    lost->NoWholeSync(no_whole_sync);
    ASSERT_TRUE(ReplayJournals(*lost, kFolder, 3).ok());
    EXPECT_EQ(count(*lost, "WholeSync"), no_whole_sync ? 0 : 1);
    EXPECT_EQ(count(*lost, "Sync /"), no_whole_sync ? 3 : 0);
    const auto again = lost->AfterPowerLoss(LossModel::kNothingKept, 0);
    EXPECT_TRUE(ListJournals(*again, kFolder)->empty());
    for (const End* const end : {&a_, &b_, &c_}) EXPECT_EQ(RecordsOf(*again, *end), 1U);
  }
}

TEST_F(JournalTest, ASegmentThatIsOnAnotherFileSystemIsSyncedByItself) {
  AppendGroup({&a_, &b_, &c_});
  const auto lost = Lose();
  lost->SetElsewhere(folder_->LogFolder(b_.id));
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, 3).ok());
  const auto again = lost->AfterPowerLoss(LossModel::kNothingKept, 0);
  for (const End* const end : {&a_, &b_, &c_}) EXPECT_EQ(RecordsOf(*again, *end), 1U);
}

TEST_F(JournalTest, AFailedSyncOfTheFileSystemKeepsTheJournal) {
  AppendGroup({&a_, &b_, &c_});
  const auto lost = Lose();
  lost->FailOperation(lost->operations() + 3, test::Failure::kIoError);
  EXPECT_EQ(ReplayJournals(*lost, kFolder, 3).status().code(), StatusCode::kIo);
  EXPECT_EQ(lost->OperationName(lost->operations() - 1), "WholeSync");
  EXPECT_FALSE(ListJournals(*lost, kFolder)->empty());
}

TEST_F(JournalTest, ATornLastGroupIsPassedOver) {
  AppendGroup({&a_, &b_});
  AppendGroup({&a_, &c_});
  const auto lost = Lose();
  Damage(*lost, journal_->path(), positions_[1]);
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  EXPECT_EQ(RecordsOf(*lost, a_), 1U);
  EXPECT_EQ(RecordsOf(*lost, c_), 0U);
}

TEST_F(JournalTest, AFlippedBitBeforeALaterGroupIsARefusalThatNamesFileAndPosition) {
  AppendGroup({&a_, &b_});
  AppendGroup({&a_, &c_});
  AppendGroup({&c_, &d_});
  const auto lost = Lose();
  Damage(*lost, journal_->path(), positions_[1]);
  const auto before = lost->Contents(SegmentOf(a_));
  const auto report = ReplayJournals(*lost, kFolder, kOneByOne);
  EXPECT_EQ(report.status().code(), StatusCode::kDamaged);
  EXPECT_NE(report.status().message().find(journal_->path()), std::string::npos);
  EXPECT_NE(report.status().message().find(std::to_string(positions_[1])), std::string::npos)
      << report.status().message();
  EXPECT_EQ(lost->Contents(SegmentOf(a_)), before) << "something was written";
  EXPECT_EQ(CheckJournal(*lost, journal_->path()).status().code(), StatusCode::kDamaged);
}

TEST_F(JournalTest, AFlippedBitInItsHeaderIsARefusal) {
  AppendGroup({&a_, &b_});
  const auto lost = Lose();
  lost->FlipBit(journal_->path(), 20 * 8);
  EXPECT_EQ(ReplayJournals(*lost, kFolder, kOneByOne).status().code(), StatusCode::kDamaged);
}

TEST_F(JournalTest, AFileMadeEmptyAgainHoldsNoneOfItsFrames) {
  AppendGroup({&a_, &b_});
  ASSERT_TRUE(journal_->Renew(Offset(1), Timestamp(2)).ok());
  EXPECT_TRUE(journal_->empty());
  const auto lost = Lose();
  EXPECT_EQ(*ListJournals(*lost, kFolder), std::vector<std::string>{journal_->path()});
  EXPECT_EQ(CheckJournal(*lost, journal_->path()).value(), false);
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  EXPECT_EQ(RecordsOf(*lost, a_), 0U);
}

TEST_F(JournalTest, AFileMadeEmptyAgainHoldsWhatCameSince) {
  AppendGroup({&a_, &b_}, std::string(1000, 'o'));
  AppendGroup({&a_, &b_});
  ASSERT_TRUE(ReplayJournal(files_, kFolder, journal_->path(), kOneByOne).ok());
  ASSERT_TRUE(journal_->Renew(Offset(1), Timestamp(2)).ok());
  AppendGroup({&a_, &c_});  // shorter than what stood there
  const auto lost = Lose();
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  EXPECT_EQ(RecordsOf(*lost, a_), 3U);
  EXPECT_EQ(RecordsOf(*lost, b_), 2U);
  EXPECT_EQ(RecordsOf(*lost, c_), 1U);
}

TEST_F(JournalTest, FramesOfARemovedLogArePassedOver) {
  AppendGroup({&a_, &b_});
  const auto lost = Lose();
  ASSERT_TRUE(RemoveFolder(*lost, folder_->LogFolder(a_.id)).ok());
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  EXPECT_EQ(RecordsOf(*lost, b_), 1U);
}

TEST_F(JournalTest, FramesOfASegmentThatWasTrimmedArePassedOver) {
  AppendGroup({&a_, &b_});
  const auto lost = Lose();
  const std::string folder = folder_->LogFolder(a_.id);
  ASSERT_TRUE(ReplaceMeta(*lost, folder, {a_.id, Offset(1)}).ok());
  ASSERT_TRUE(lost->Remove(SegmentOf(a_)).ok());
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  EXPECT_EQ(RecordsOf(*lost, b_), 1U);
}

TEST_F(JournalTest, WhereASegmentIsMissingTheJournalStaysUntilItIsBack) {
  AppendGroup({&a_, &b_});
  const auto lost = Lose();
  const std::string segment = SegmentOf(a_);
  ASSERT_TRUE(lost->Rename(segment, segment + ".mislaid").ok());
  const Status status = ReplayJournals(*lost, kFolder, kOneByOne).status();
  EXPECT_EQ(status.code(), StatusCode::kDamaged);
  EXPECT_THAT(status.message(), testing::HasSubstr(segment));
  ASSERT_TRUE(lost->Rename(segment + ".mislaid", segment).ok());
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  EXPECT_EQ(RecordsOf(*lost, a_), 1U);
}

TEST_F(JournalTest, ASalvageTellsThatSomethingHadNoPlace) {
  AppendGroup({&a_, &b_});
  const auto lost = Lose();
  const std::string journal = ListJournals(*lost, kFolder)->front();
  ASSERT_TRUE(lost->Remove(SegmentOf(a_)).ok());
  EXPECT_EQ(SalvageJournal(*lost, kFolder, journal).value(), true);
  EXPECT_EQ(RecordsOf(*lost, b_), 1U);
}

TEST_F(JournalTest, FramesOfAnotherSegmentUnderTheSameNameArePassedOver) {
  AppendGroup({&a_, &b_});
  const auto lost = Lose();
  ASSERT_TRUE(lost->Remove(SegmentOf(a_)).ok());
  {
    auto other =
        SegmentWriter::Create(*lost, folder_->LogFolder(a_.id), a_.id, Offset(0), Timestamp(2));
    ASSERT_TRUE(other.ok() && (*other)->Publish().ok());
  }
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  EXPECT_EQ(RecordsOf(*lost, a_), 0U);
  EXPECT_EQ(RecordsOf(*lost, b_), 1U);
}

TEST_F(JournalTest, ASecondReplayChangesNothing) {
  AppendGroup({&a_, &b_});
  AppendGroup({&b_, &c_});
  const auto lost = Lose();
  const std::string journal = lost->Contents(journal_->path());
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  const std::string segment = lost->Contents(SegmentOf(b_));
  lost->SetContents(journal_->path(), journal);
  ASSERT_TRUE(ReplayJournals(*lost, kFolder, kOneByOne).ok());
  EXPECT_EQ(lost->Contents(SegmentOf(b_)), segment);
  EXPECT_EQ(RecordsOf(*lost, b_), 2U);
}

TEST_F(JournalTest, SeveralFilesAreReplayedFromTheOldestOn) {
  AppendGroup({&a_, &b_});
  const auto first = std::exchange(journal_, MakeJournal(1));
  AppendGroup({&b_, &c_});
  const auto lost = Lose();
  const auto report = ReplayJournals(*lost, kFolder, kOneByOne);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->journals, 2U);
  EXPECT_EQ(RecordsOf(*lost, b_), 2U);
}

TEST_F(JournalTest, ASalvageWritesWhatIsValidBesideDamage) {
  AppendGroup({&a_, &b_});
  AppendGroup({&a_, &b_});
  AppendGroup({&c_, &d_});
  const auto lost = Lose();
  Damage(*lost, journal_->path(), positions_[1]);
  const auto damaged = SalvageJournal(*lost, kFolder, journal_->path());
  ASSERT_TRUE(damaged.ok()) << damaged.status().message();
  EXPECT_TRUE(*damaged);
  EXPECT_EQ(RecordsOf(*lost, a_), 1U);
  EXPECT_EQ(RecordsOf(*lost, c_), 1U);
  EXPECT_EQ(RecordsOf(*lost, d_), 1U);
}

TEST_F(JournalTest, ASalvageOfAWholeJournalIsAReplay) {
  AppendGroup({&a_, &b_});
  const auto lost = Lose();
  const auto damaged = SalvageJournal(*lost, kFolder, journal_->path());
  ASSERT_TRUE(damaged.ok());
  EXPECT_FALSE(*damaged);
  EXPECT_EQ(RecordsOf(*lost, a_), 1U);
}

TEST_F(JournalTest, WhereASegmentsHeaderIsDamagedTheJournalStaysUntilItIsRepaired) {
  AppendGroup({&a_, &b_});
  const auto lost = Lose();
  lost->FlipBit(SegmentOf(a_), 40 * 8);
  const auto report = ReplayJournals(*lost, kFolder, kOneByOne);
  EXPECT_EQ(report.status().code(), StatusCode::kDamaged);
  EXPECT_NE(report.status().message().find(SegmentOf(a_)), std::string::npos);
  EXPECT_FALSE(ListJournals(*lost, kFolder)->empty());
  ASSERT_TRUE(SalvageJournal(*lost, kFolder, journal_->path()).ok());
  EXPECT_NE(lost->Contents(SegmentOf(a_)).find("value"), std::string::npos);
  EXPECT_EQ(RecordsOf(*lost, b_), 1U);
}

TEST_F(JournalTest, AFileThatCannotBeMadeLeavesNothing) {
  files_.SetCapacity(0);
  const auto made =
      JournalFile::Create(files_, kFolder, catalogue_, Offset(1), kJournalBytes, Timestamp(1));
  EXPECT_EQ(made.status().code(), StatusCode::kNoSpace);
  for (const std::string& path : files_.Files()) EXPECT_FALSE(path.ends_with(".tmp")) << path;
}

}  // namespace
}  // namespace daybook::disk
