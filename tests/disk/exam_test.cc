// What an examination says of damage of every kind and at every place, beside what recovery says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "disk/folder_exam.h"
#include "disk/log_folder_test.h"
#include "disk/recovery.h"

namespace daybook::disk {
namespace {

using testing::HasSubstr;

class ExamTest : public LogFolderTest {
 protected:
  // Three segments, of which the last has two records in two frames.
  void WriteThree() {
    Write({std::string(3000, 'a'), std::string(3000, 'b'), std::string(200, 'c'), "d"}, 8 << 10);
    ASSERT_GE(Segments().size(), 2U);
    folder_ = FolderOf(Segments().at(0));
  }

  static ExaminedFolder Examine(FileSystem& files) {
    auto folder = ExamineFolder(files, "/data");
    EXPECT_TRUE(folder.ok()) << folder.status().message();
    return std::move(*folder);
  }

  static std::vector<Fault> DamageIn(const ExaminedFolder& folder) {
    std::vector<Fault> damage;
    for (const Fault& fault : folder.AllFaults()) {
      if (fault.kind == Fault::Kind::kDamage) damage.push_back(fault);
    }
    return damage;
  }

  // Where the frame begins, or the header, that has the byte at `position`.
  static std::uint64_t BeginningAt(const std::string& segment, std::uint64_t position) {
    if (position < kSegmentHeaderBytes) return 0;
    const SegmentHeader header = *DecodeSegmentHeader(segment);
    std::uint64_t at = kSegmentHeaderBytes;
    for (;;) {
      const auto frame = DecodeFrameHeader(segment.data() + at, {header.salt, at});
      if (at + frame->frame_bytes() > position) return at;
      at += frame->frame_bytes();
    }
  }

  std::string folder_;
};

TEST_F(ExamTest, AWholeFolderHasNoFault) {
  WriteThree();
  const ExaminedFolder folder = Examine(files_);
  EXPECT_TRUE(folder.AllFaults().empty()) << folder.AllFaults().front().what;
  ASSERT_EQ(folder.logs.size(), 1U);
  EXPECT_EQ(folder.logs[0].name, "default");
  EXPECT_EQ(folder.logs[0].log.first_offset, Offset(0));
  EXPECT_EQ(folder.logs[0].log.next_offset, Offset(4));
  EXPECT_EQ(folder.logs[0].log.segments.size(), Segments().size());
  std::uint64_t records = 0;
  for (const ExaminedSegment& segment : folder.logs[0].log.segments) records += segment.records;
  EXPECT_EQ(records, 4U);
}

TEST_F(ExamTest, EveryFlippedBitIsDamageAtItsFrameOrATornTail) {
  WriteThree();
  for (const std::string& path : Segments()) {
    const bool last = path == Segments().back();
    const std::string whole = files_.Contents(path);
    const std::uint64_t mark_position = whole.size() - kFrameHeaderBytes;
    for (std::uint64_t bit = 0; bit < whole.size() * 8; bit += bit % 3 + 1) {
      const auto damaged = files_.Clone();
      damaged->FlipBit(path, bit);
      const ExaminedFolder folder = Examine(*damaged);
      const std::vector<Fault> faults = folder.AllFaults();
      ASSERT_FALSE(faults.empty()) << path << ", bit " << bit;
      EXPECT_EQ(faults[0].path, path);
      EXPECT_EQ(faults[0].position, BeginningAt(whole, bit / 8)) << bit;
      const bool torn = last && bit / 8 >= mark_position;
      EXPECT_EQ(faults[0].kind, torn ? Fault::Kind::kTornTail : Fault::Kind::kDamage) << bit;
    }
  }
}

TEST_F(ExamTest, ADamagedFrameTakesItsRecordsAndNoOthers) {
  WriteThree();
  const std::string last = Segments().back();
  const std::string whole = files_.Contents(last);
  const SegmentHeader header = *DecodeSegmentHeader(whole);
  files_.FlipBit(last, (kSegmentHeaderBytes + 20) * 8);
  const std::vector<Fault> damage = DamageIn(Examine(files_));
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].first_offset, header.first_offset);
  EXPECT_EQ(damage[0].next_offset, header.first_offset + 1);
  EXPECT_FALSE(damage[0].takes_more);
}

TEST_F(ExamTest, WhatRecoveryRefusesIsDamageWhereverTheLastSegmentIsCut) {
  WriteThree();
  for (const bool with_index : {true, false}) {
    const std::string last = Segments().back();
    const std::string whole = files_.Contents(last);
    if (!with_index) {
      ASSERT_TRUE(files_.Remove(IndexOf(last)).ok());
    }
    for (std::size_t bytes = kSegmentHeaderBytes - 1; bytes <= whole.size(); ++bytes) {
      const auto cut = files_.Clone();
      cut->SetContents(last, whole.substr(0, bytes));
      const bool damage = !DamageIn(Examine(*cut)).empty();
      EXPECT_EQ(damage, !RecoverLog(*cut, folder_).ok()) << bytes << " bytes";
    }
  }
}

TEST_F(ExamTest, ADamagedHeaderLeavesTheFramesWhereItsSaltOrTheIndexLeadsToThem) {
  WriteThree();
  const std::string first = Segments().at(0);
  const auto flipped = [&](const std::vector<std::uint64_t>& bytes, bool index) {
    const auto damaged = files_.Clone();
    for (const std::uint64_t byte : bytes) damaged->FlipBit(first, byte * 8);
    if (!index) (void)damaged->Remove(IndexOf(first));
    return Examine(*damaged).logs.at(0).log.segments.at(0);
  };
  const std::uint64_t records = Examine(files_).logs.at(0).log.segments.at(0).records;
  EXPECT_EQ(flipped({20}, false).records, records);
  EXPECT_EQ(flipped({50}, true).records, records);
  const ExaminedSegment unreadable = flipped({50}, false);
  EXPECT_EQ(unreadable.records, 0U);
  EXPECT_EQ(unreadable.faults.at(0).next_offset, Offset(records));
}

TEST_F(ExamTest, ASegmentThatIsMissingIsDamageThatNamesItAndItsOffsets) {
  WriteThree();
  const std::vector<std::string> segments = Segments();
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const auto without = files_.Clone();
    ASSERT_TRUE(without->Remove(segments[i]).ok());
    const std::vector<Fault> damage = DamageIn(Examine(*without));
    ASSERT_EQ(damage.size(), 1U);
    EXPECT_EQ(damage[0].path, segments[i]);
    const auto offset_of = [](const std::string& path) {
      return *ParseSegmentName(path.substr(path.rfind('/') + 1));
    };
    EXPECT_EQ(damage[0].first_offset, offset_of(segments[i]));
    EXPECT_EQ(damage[0].next_offset, offset_of(segments[i + 1]));
  }
}

TEST_F(ExamTest, AFrameWithAWrongOffsetIsDamageThoughItsBodyIsBrokenToo) {
  WriteThree();
  const std::string last = Segments().back();
  ASSERT_TRUE(files_.Remove(IndexOf(last)).ok());
  std::string contents = files_.Contents(last);
  const FramePlace place{DecodeSegmentHeader(contents)->salt, contents.size()};
  FrameHeader header;
  header.first_offset = Offset(1000);
  header.record_count = 1;
  header.body_bytes = 16;
  header.durable_position = kSegmentHeaderBytes;
  contents.resize(contents.size() + header.frame_bytes(), 'x');
  EncodeFrameHeader(header, place, contents.data() + place.position);
  files_.SetContents(last, contents);
  const std::vector<Fault> damage = DamageIn(Examine(files_));
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].position, place.position);
  EXPECT_FALSE(RecoverLog(files_, folder_).ok());
}

TEST_F(ExamTest, AWrongIndexIsToldAndIsNoDamage) {
  WriteThree();
  const std::string index = IndexOf(Segments().at(0));
  files_.FlipBit(index, 30 * 8);
  const std::vector<Fault> faults = Examine(files_).AllFaults();
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].kind, Fault::Kind::kIndex);
  EXPECT_EQ(faults[0].path, index);
}

TEST_F(ExamTest, AnIndexThatLeadsAstrayIsWrongThoughItsChecksumIsRight) {
  WriteThree();
  const std::string segment = Segments().at(0);
  const std::string whole = files_.Contents(segment);
  SparseIndex astray(Offset(0));
  astray.Add(Offset(0), kSegmentHeaderBytes + kIndexStrideBytes);
  files_.SetContents(IndexOf(segment),
                     astray.Encode(DecodeSegmentHeader(whole)->salt, whole.size()));
  const std::vector<Fault> faults = Examine(files_).AllFaults();
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].kind, Fault::Kind::kIndex);
}

TEST_F(ExamTest, DamageToMetaAndTheCatalogueIsNamed) {
  WriteThree();
  for (const std::string& path : {folder_ + "/meta", std::string("/data/catalogue/meta"),
                                  std::string("/data/catalogue/00000000000000000000.log")}) {
    const auto damaged = files_.Clone();
    damaged->FlipBit(path, 40 * 8);
    EXPECT_EQ(DamageIn(Examine(*damaged)).at(0).path, path);
    const auto without = files_.Clone();
    ASSERT_TRUE(without->Remove(path).ok());
    EXPECT_EQ(DamageIn(Examine(*without)).at(0).path, path);
  }
}

TEST_F(ExamTest, SegmentsThatRetentionTakesMeanwhileAreNotMissing) {
  WriteThree();
  const std::vector<std::string> segments = Segments();
  const auto look = LookIntoLog(files_, folder_);
  ASSERT_TRUE(look.ok() && look->meta.ok());
  const auto without_first = files_.Clone();
  ASSERT_TRUE(without_first->Remove(segments[0]).ok());
  EXPECT_TRUE(ExamineLog(*without_first, *look, look->meta->log, {})->IsDamaged());
  const Offset second = look->segments.at(1).first_offset;
  without_first->SetContents(folder_ + "/meta", EncodeMeta({look->meta->log, second}));
  const auto log = ExamineLog(*without_first, *look, look->meta->log, {});
  ASSERT_TRUE(log.ok()) << log.status().message();
  EXPECT_TRUE(log->faults.empty());
  EXPECT_EQ(log->first_offset, second);
  EXPECT_EQ(log->segments.size(), segments.size() - 1);
}

TEST_F(ExamTest, AServedFolderHasNoFaultAndNothingIsChanged) {
  Write({"a"}, 8 << 10, [&] {
    const std::uint64_t operations = files_.operations();
    EXPECT_TRUE(Examine(files_).AllFaults().empty());
    EXPECT_EQ(files_.operations(), operations);
  });
}

TEST_F(ExamTest, WhatALaterVersionWroteIsNoDamageThatCouldBeMended) {
  WriteThree();
  const std::string journal = "/data/" + JournalName(Offset(7));
  files_.SetContents(journal, JournalOfALaterVersion());
  const std::vector<Fault> faults = Examine(files_).AllFaults();
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].kind, Fault::Kind::kUnknown);
  EXPECT_EQ(faults[0].path, journal);
}

}  // namespace
}  // namespace daybook::disk
