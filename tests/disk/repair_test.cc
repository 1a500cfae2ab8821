// A repair after damage of every kind: what can be read keeps its offset, and the folder is served.

#include "disk/repair_test.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace daybook::disk {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;

TEST_F(RepairTest, AWholeFolderNeedsNone) {
  WriteSegments();
  const auto repair = PlanFolderRepair(files_, Clock::System(), "/data");
  ASSERT_TRUE(repair.ok()) << repair.status().message();
  EXPECT_FALSE(repair->IsNeeded());
}

TEST_F(RepairTest, AfterAnyFlippedBitOnlyItsFramesRecordsAreLostAndAppendsGoOn) {
  WriteSegments();
  for (const std::string& path : Segments()) {
    const std::uint64_t bits = files_.Contents(path).size() * 8;
    for (std::uint64_t bit = 0; bit < bits; bit += bit < 64 * 8 ? 3 : 61) {
      const auto damaged = files_.Clone();
      damaged->FlipBit(path, bit);
      const Values left = Repaired(*damaged);
      ASSERT_EQ(left.size(), written_.size()) << path << ", bit " << bit;
      std::size_t lost = 0;
      for (std::size_t i = 0; i < left.size(); ++i) {
        lost += left[i] ? 0 : 1;
        EXPECT_TRUE(!left[i] || left[i] == written_[i]) << path << ", bit " << bit;
      }
      EXPECT_LE(lost, bit < kSegmentHeaderBytes * 8 ? 0U : 1U) << path << ", bit " << bit;
      if (HasFailure()) return;
    }
  }
}

TEST_F(RepairTest, WhatIsAppendedAfterwardsIsThere) {
  WriteSegments();
  files_.FlipBit(Segments().back(), (kSegmentHeaderBytes + 20) * 8);
  const std::size_t lost = OffsetOf(Segments().back()).value;
  ASSERT_TRUE(Repair(files_).ok());
  Write({"afterwards"});
  Values expected = Without(lost, lost + 1);
  expected.emplace_back("afterwards");
  EXPECT_EQ(ValuesIn(files_), expected);
  EXPECT_TRUE(FaultsIn(files_).empty());
}

TEST_F(RepairTest, WhatWasDamagedIsKept) {
  WriteSegments();
  const std::string path = Segments().at(0);
  for (const char* kept : {".damaged", ".damaged.1"}) {
    files_.FlipBit(path, (kSegmentHeaderBytes + 20) * 8);
    const std::string damaged = files_.Contents(path);
    ASSERT_TRUE(Repair(files_).ok());
    EXPECT_EQ(files_.Contents(path + kept), damaged);
  }
}

TEST_F(RepairTest, ATornTailNeedsNone) {
  WriteSegments();
  const std::string last = Segments().back();
  files_.SetContents(last, files_.Contents(last) + "torn");
  const auto repair = PlanFolderRepair(files_, Clock::System(), "/data");
  ASSERT_TRUE(repair.ok());
  EXPECT_FALSE(repair->IsNeeded());
  EXPECT_EQ(FaultsIn(files_).at(0).kind, Fault::Kind::kTornTail);
}

TEST_F(RepairTest, TheTailOfASealedSegmentIsLostUpToTheNext) {
  WriteSegments();
  const std::string first = Segments().at(0);
  const std::string whole = files_.Contents(first);
  const std::size_t next = OffsetOf(Segments().at(1)).value;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{100}, kSegmentHeaderBytes + 10,
                                  whole.size() - kFrameHeaderBytes - 20, whole.size() - 9}) {
    const auto cut = files_.Clone();
    cut->SetContents(first, whole.substr(0, bytes));
    const Values left = Repaired(*cut);
    ASSERT_EQ(left.size(), written_.size()) << bytes;
    for (std::size_t i = 0; i < left.size(); ++i)
      EXPECT_TRUE(left[i] == written_[i] || (!left[i] && i < next)) << bytes << ", offset " << i;
    if (bytes == whole.size() - 9) {
      EXPECT_EQ(left, written_);
    }
  }
}

TEST_F(RepairTest, TheRecordsOfASegmentThatIsMissingAreLost) {
  WriteSegments();
  const std::vector<std::string> segments = Segments();
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const auto without = files_.Clone();
    ASSERT_TRUE(without->Remove(segments[i]).ok());
    EXPECT_EQ(Repaired(*without),
              Without(OffsetOf(segments[i]).value, OffsetOf(segments[i + 1]).value));
  }
}

TEST_F(RepairTest, AHeaderThatCannotBeReadTakesNothingIfTheSaltIsThere) {
  WriteSegments();
  const std::string path = Segments().at(0);
  const std::string whole = files_.Contents(path);
  std::string without = whole;
  std::fill(without.begin(), without.begin() + kSegmentHeaderBytes, 'x');
  files_.SetContents(path, without);
  const auto no_index = files_.Clone();
  EXPECT_EQ(Repaired(files_), written_) << "the index has it";
  ASSERT_TRUE(no_index->Remove(IndexOf(path)).ok());
  EXPECT_EQ(Repaired(*no_index), Without(0, OffsetOf(Segments().at(1)).value));
}

TEST_F(RepairTest, FramesOfAnotherLogDoNotComeInWithADamagedHeader) {
  WriteSegments();
  const std::string path = Segments().at(0);
  std::string foreign = files_.Contents("/data/catalogue/00000000000000000000.log");
  foreign[kSegmentHeaderBytes - 1] = 'x';
  files_.SetContents(path, foreign);
  EXPECT_EQ(Repaired(files_), Without(0, OffsetOf(Segments().at(1)).value));
}

TEST_F(RepairTest, ALastSegmentThatCannotBeReadIsToldToHaveHadRecords) {
  WriteSegments();
  const std::string last = Segments().back();
  files_.SetContents(last, std::string(5000, 'x'));
  ASSERT_TRUE(files_.Remove(IndexOf(last)).ok());
  EXPECT_TRUE(FaultsIn(files_).at(0).takes_more);
  Values expected = written_;
  expected.resize(OffsetOf(last).value);
  EXPECT_EQ(Repaired(files_), expected);
}

TEST_F(RepairTest, ACopyOfASegmentUnderAnotherNameAddsNothing) {
  WriteSegments();
  const std::string first = Segments().at(0);
  const std::string copy = FolderOf(first) + "/" + SegmentName(Offset(written_.size()));
  files_.SetContents(copy, files_.Contents(first));
  EXPECT_TRUE(IsDamaged(files_));
  EXPECT_EQ(Repaired(files_), written_);
  EXPECT_THAT(files_.Files(), Contains(copy + ".damaged"));
}

TEST_F(RepairTest, AStrayWhoseNameNoLogReachesIsTakenAway) {
  WriteSegments();
  const std::string stray = FolderOf(Segments().at(0)) + "/" + SegmentName(Offset(UINT64_MAX));
  for (const std::string& bytes : {std::string(), files_.Contents(Segments().at(0))}) {
    const auto with_stray = files_.Clone();
    with_stray->SetContents(stray, bytes);
    EXPECT_EQ(Repaired(*with_stray), written_);
    EXPECT_THAT(with_stray->Files(), testing::Not(Contains(stray)));
  }
}

TEST_F(RepairTest, ACatalogueWithASegmentThatNoCatalogueReachesIsWrittenAnew) {
  WriteSegments();
  const std::string stray = "/data/catalogue/" + SegmentName(Offset(UINT64_MAX - 69));
  files_.SetContents(stray, "x");
  EXPECT_EQ(Repaired(files_), written_);
}

TEST_F(RepairTest, ASegmentUnderAWrongNameGetsItsOwn) {
  WriteSegments();
  const std::string first = Segments().at(0);
  ASSERT_TRUE(files_.Rename(first, FolderOf(first) + "/" + SegmentName(Offset(77))).ok());
  EXPECT_TRUE(IsDamaged(files_));
  EXPECT_EQ(Repaired(files_), written_);
}

TEST_F(RepairTest, ASegmentInAnothersPlaceGivesItFree) {
  Write({std::string(3000, 'a'), std::string(3000, 'b'), std::string(3000, 'c')}, 8 << 10);
  written_ = ValuesIn(files_);
  const std::vector<std::string> segments = Segments();
  ASSERT_GE(segments.size(), 3U);
  const std::string first = FolderOf(segments[0]) + "/" + SegmentName(Offset(77));
  ASSERT_TRUE(files_.Rename(segments[0], first).ok());
  ASSERT_TRUE(files_.Rename(segments[1], segments[0]).ok());
  EXPECT_EQ(Repaired(files_), written_);
  EXPECT_EQ(Segments(), segments);
}

TEST_F(RepairTest, MetaIsMadeAgainFromTheFolderAndTheFirstSegment) {
  WriteSegments();
  const std::string meta = MetaPath();
  const std::string whole = files_.Contents(meta);
  for (const std::string& bytes : {std::string(), std::string(64, 'x')}) {
    const auto damaged = files_.Clone();
    damaged->SetContents(meta, bytes);
    EXPECT_EQ(Repaired(*damaged), written_);
    EXPECT_EQ(damaged->Contents(meta), whole);
  }
  ASSERT_TRUE(files_.Remove(meta).ok());
  EXPECT_EQ(Repaired(files_), written_);
}

TEST_F(RepairTest, ALogWhoseEndIsGoneBehindItsBeginningBeginsAnewThere) {
  WriteSegments();
  const log::LogId id = DecodeMeta(files_.Contents(MetaPath()))->log;
  files_.SetContents(MetaPath(), EncodeMeta({id, Offset(100)}));
  EXPECT_EQ(Repaired(files_), Values());
  Write({"next"});
  EXPECT_EQ(ValuesIn(files_), Values{"next"});
}

TEST_F(RepairTest, ADamagedCatalogueIsWrittenAnew) {
  WriteSegments();
  const std::string path = "/data/catalogue/00000000000000000000.log";
  const std::uint64_t bits = files_.Contents(path).size() * 8;
  for (std::uint64_t bit = 0; bit < bits; bit += bit < kSegmentHeaderBytes * 8 ? 997 : 13) {
    const auto damaged = files_.Clone();
    damaged->FlipBit(path, bit);
    EXPECT_EQ(Repaired(*damaged), written_) << bit;
    if (HasFailure()) return;
  }
}

TEST_F(RepairTest, ALogsSegmentInTheCataloguesPlaceIsNotTakenForIt) {
  WriteSegments();
  files_.SetContents("/data/catalogue/00000000000000000000.log", files_.Contents(Segments().at(0)));
  const auto without_meta = files_.Clone();
  ASSERT_TRUE(without_meta->Remove("/data/catalogue/meta").ok());
  EXPECT_EQ(Repaired(files_), written_);
  EXPECT_EQ(Repaired(*without_meta), written_);
}

TEST_F(RepairTest, WithoutACatalogueTheLogIsFoundByItsFolder) {
  WriteSegments();
  for (const bool with_meta : {true, false}) {
    const auto without = files_.Clone();
    for (const std::string& path : without->Files()) {
      const bool kept = with_meta && path.ends_with("/meta");
      if (path.find("/catalogue/") != std::string::npos && !kept) {
        ASSERT_TRUE(without->Remove(path).ok());
      }
    }
    if (!with_meta) {
      ASSERT_TRUE(without->Remove("/data/catalogue").ok());
    }
    EXPECT_EQ(Repaired(*without), written_);
  }
}

TEST_F(RepairTest, TheLargestOfLogsWithoutANameIsTheDefault) {
  WriteSegments();
  const log::LogId other = log::LogId::Random();
  {
    const auto folder = DataFolder::Lock(files_, "/data");
    ASSERT_TRUE((*folder)->MakeLogFolder(other.ToString(), other, Timestamp(5), {}).ok());
  }
  files_.FlipBit("/data/catalogue/00000000000000000000.log", (kSegmentHeaderBytes + 60) * 8);
  EXPECT_EQ(Repaired(files_), written_);
  const auto entries = LookIntoCatalogue(files_, "/data");
  ASSERT_TRUE(entries.ok()) << entries.status().message();
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ(entries->at(1).name, "recovered-" + other.ToString());
}

TEST_F(RepairTest, ALogOfWhichNothingIsLeftIsMadeAnew) {
  WriteSegments();
  const std::string folder = FolderOf(Segments().at(0));
  for (const std::string& path : files_.Files()) {
    if (path.starts_with(folder)) {
      ASSERT_TRUE(files_.Remove(path).ok());
    }
  }
  ASSERT_TRUE(files_.Remove(folder).ok());
  EXPECT_TRUE(IsDamaged(files_));
  EXPECT_EQ(Repaired(files_), Values());
}

TEST_F(RepairTest, AWrongIndexIsMadeAgain) {
  WriteSegments();
  const std::string index = IndexOf(Segments().at(0));
  const std::string whole = files_.Contents(index);
  files_.FlipBit(index, 99);
  EXPECT_EQ(Repaired(files_), written_);
  ASSERT_TRUE(files_.Remove(index).ok());
  EXPECT_EQ(Repaired(files_), written_);
}

TEST_F(RepairTest, WhatALaterVersionWroteIsLeftAlone) {
  WriteSegments();
  const std::string journal = "/data/" + JournalName(Offset(7));
  files_.SetContents(journal, JournalOfALaterVersion());
  const std::uint64_t operations = files_.operations();
  const auto repair = PlanFolderRepair(files_, Clock::System(), "/data");
  EXPECT_EQ(repair.status().code(), StatusCode::kDamaged);
  EXPECT_THAT(repair.status().message(), HasSubstr(journal));
  EXPECT_EQ(files_.operations(), operations);
}

TEST_F(RepairTest, WhileABackupNeedsTheFilesNothingIsChanged) {
  WriteSegments();
  files_.FlipBit(Segments().at(0), (kSegmentHeaderBytes + 20) * 8);
  const auto backup = files_.Open("/data/BACKUP", FileSystem::Mode::kOpenOrCreate);
  ASSERT_TRUE((*backup)->TryLockShared().ok());
  EXPECT_EQ(Repair(files_).code(), StatusCode::kUnavailable);
  EXPECT_TRUE(IsDamaged(files_));
}

TEST_F(RepairTest, OnAFullDiskNothingIsChanged) {
  WriteSegments();
  files_.FlipBit(Segments().at(0), (kSegmentHeaderBytes + 20) * 8);
  files_.SetCapacity(1);
  EXPECT_EQ(Repair(files_).code(), StatusCode::kNoSpace);
  EXPECT_THAT(files_.Files(), testing::Not(Contains(EndsWith(".damaged"))));
  files_.SetCapacity(UINT64_MAX);
  EXPECT_EQ(Repaired(files_), Without(0, 1));
}

}  // namespace
}  // namespace daybook::disk
