// Damage to a log's files, of every kind and at every place.

#include "disk/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "disk/append_body.h"
#include "disk/log_folder_test.h"

namespace daybook::disk {
namespace {

using testing::HasSubstr;

class RecoveryTest : public LogFolderTest {
 protected:
  // What the start says, or the read of all of the first segment.
  static Status RecoverAndReadFirst(FileSystem& files, const std::string& segment) {
    const auto recovered = RecoverLog(files, FolderOf(segment));
    if (!recovered.ok()) return recovered.status();
    PageBuilder builder({UINT64_MAX, UINT64_MAX});
    const LogSegment& first = recovered->segments.front();
    return ReadRecords(*first.segment, first.end, Offset(0), builder);
  }
};

std::vector<std::string> Values(const RecoveredLog& log) {
  PageBuilder builder({UINT64_MAX, UINT64_MAX});
  for (const LogSegment& segment : log.segments) {
    EXPECT_TRUE(
        ReadRecords(*segment.segment, segment.end, segment.segment->header().first_offset, builder)
            .ok());
  }
  const log::Page page = std::move(builder).Take();
  std::vector<std::string> values;
  for (const log::RecordView& record : page.records) values.emplace_back(record.value);
  return values;
}

TEST_F(RecoveryTest, EveryFlippedBitBeforeAMarkIsARefusalThatNamesFileAndPosition) {
  WriteWithoutIndex({"0", "1", std::string(100, 'x')});
  const std::string segment = Segments().at(0);
  const std::uint64_t mark_position = files_.Contents(segment).size() - kFrameHeaderBytes;
  for (std::uint64_t bit = 0; bit < mark_position * 8; ++bit) {
    const auto damaged = files_.Clone();
    damaged->FlipBit(segment, bit);
    const auto recovered = RecoverLog(*damaged, FolderOf(segment));
    ASSERT_FALSE(recovered.ok()) << "bit " << bit;
    EXPECT_EQ(recovered.status().code(), StatusCode::kDamaged);
    EXPECT_THAT(recovered.status().message(), HasSubstr(segment + ", position "));
  }
}

TEST_F(RecoveryTest, EveryFlippedBitOfASealedSegmentIsARefusalOrAnErrorOfTheRead) {
  Write({std::string(3000, 'a'), std::string(3000, 'b'), "c"}, 8 << 10);
  const std::string segment = Segments().at(0);
  ASSERT_GE(Segments().size(), 2U);
  const std::uint64_t bits = files_.Contents(segment).size() * 8;
  for (std::uint64_t bit = 0; bit < bits; bit += bit < 5000 * 8 ? 1 : 11) {
    const auto damaged = files_.Clone();
    damaged->FlipBit(segment, bit);
    const Status status = RecoverAndReadFirst(*damaged, segment);
    ASSERT_EQ(status.code(), StatusCode::kDamaged) << "bit " << bit;
    EXPECT_THAT(status.message(), HasSubstr(segment + ", position "));
  }
}

TEST_F(RecoveryTest, TheLastSegmentCutAnywhereIsAPrefixOrARefusal) {
  std::vector<std::string> written;
  for (std::size_t i = 0; i < 5; ++i) written.emplace_back(i * 7, 'v');
  WriteWithoutIndex(written);
  const std::string segment = Segments().at(0);
  const std::string whole = files_.Contents(segment);
  std::size_t prefixes = 0;
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    const auto cut = files_.Clone();
    cut->SetContents(segment, whole.substr(0, bytes));
    const auto recovered = RecoverLog(*cut, FolderOf(segment));
    if (!recovered.ok()) {
      EXPECT_EQ(recovered.status().code(), StatusCode::kDamaged);
      EXPECT_LT(bytes, kSegmentHeaderBytes);
      continue;
    }
    ++prefixes;
    const std::vector<std::string> values = Values(*recovered);
    ASSERT_LE(values.size(), written.size());
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], written[i]);
  }
  EXPECT_EQ(prefixes, whole.size() - kSegmentHeaderBytes);
}

TEST_F(RecoveryTest, AfterACleanStopNothingBeforeTheLastMarkIsRead) {
  Write({"a", "b"});
  const std::string folder = FolderOf(Segments().at(0));
  const auto recovered = RecoverLog(files_, folder);
  ASSERT_TRUE(recovered.ok()) << recovered.status().message();
  EXPECT_EQ(recovered->report.scanned_bytes, 0U);
  EXPECT_EQ(Values(*recovered), (std::vector<std::string>{"a", "b"}));
  Write({"c"});
  EXPECT_EQ(Values(*RecoverLog(files_, folder)), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(RecoveryTest, AStartThatFindsNoMarkLeavesOne) {
  WriteWithoutIndex({"a"});
  const std::string segment = Segments().at(0);
  std::string contents = files_.Contents(segment);
  contents.resize(contents.size() - kFrameHeaderBytes);
  files_.SetContents(segment, contents);
  Write({});
  EXPECT_EQ(files_.Contents(segment).size(), contents.size() + kFrameHeaderBytes);
  Write({});  // and one is enough
  EXPECT_EQ(files_.Contents(segment).size(), contents.size() + kFrameHeaderBytes);
  const auto recovered = RecoverLog(files_, FolderOf(segment));
  ASSERT_TRUE(recovered.ok()) << recovered.status().message();
  EXPECT_EQ(recovered->report.scanned_bytes, 0U);
  EXPECT_EQ(Values(*recovered), std::vector<std::string>{"a"});
}

TEST_F(RecoveryTest, WhatIsAppendedBehindDamageThatWasNotReadCanBeRead) {
  Write({"a", "b"});
  const std::string segment = Segments().at(0);
  files_.FlipBit(segment, kSegmentHeaderBytes * 8);
  Write({"c"});
  const auto recovered = RecoverLog(files_, FolderOf(segment));
  ASSERT_TRUE(recovered.ok()) << recovered.status().message();
  const LogSegment& only = recovered->segments.front();
  PageBuilder damaged({UINT64_MAX, UINT64_MAX});
  EXPECT_FALSE(ReadRecords(*only.segment, only.end, Offset(0), damaged).ok());
  PageBuilder builder({UINT64_MAX, UINT64_MAX});
  ASSERT_TRUE(ReadRecords(*only.segment, only.end, Offset(2), builder).ok());
  EXPECT_EQ(std::move(builder).Take().records.at(0).value, "c");
}

TEST_F(RecoveryTest, WhatWasAppendedBehindAnIndexIsFound) {
  Write({"a"});
  const std::string segment = Segments().at(0);
  const std::string index = files_.Contents(IndexOf(segment));
  Write({"b", "c"});
  files_.SetContents(IndexOf(segment), index);
  const auto recovered = RecoverLog(files_, FolderOf(segment));
  ASSERT_TRUE(recovered.ok()) << recovered.status().message();
  EXPECT_GT(recovered->report.scanned_bytes, 0U);
  EXPECT_EQ(Values(*recovered), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(RecoveryTest, ADamagedIndexChangesNothing) {
  Write({"a", "b"});
  const std::string segment = Segments().at(0);
  const std::size_t bytes = files_.Contents(IndexOf(segment)).size();
  for (std::size_t bit = 0; bit < bytes * 8; ++bit) {
    const auto damaged = files_.Clone();
    damaged->FlipBit(IndexOf(segment), bit);
    const auto recovered = RecoverLog(*damaged, FolderOf(segment));
    ASSERT_TRUE(recovered.ok()) << "bit " << bit;
    EXPECT_EQ(Values(*recovered), (std::vector<std::string>{"a", "b"}));
  }
}

TEST_F(RecoveryTest, ASegmentThatEndsBeforeWhatItsIndexNamesIsARefusal) {
  Write({"a", "b"});
  const std::string segment = Segments().at(0);
  const std::string whole = files_.Contents(segment);
  for (std::size_t bytes = 0; bytes < whole.size() - kFrameHeaderBytes; ++bytes) {
    const auto cut = files_.Clone();
    cut->SetContents(segment, whole.substr(0, bytes));
    const auto recovered = RecoverLog(*cut, FolderOf(segment));
    ASSERT_EQ(recovered.status().code(), StatusCode::kDamaged) << bytes << " bytes";
    EXPECT_THAT(recovered.status().message(), HasSubstr(segment + ", position "));
  }
}

TEST_F(RecoveryTest, EveryFlippedBitBeforeWhatAnIndexNamesIsARefusalOrAnErrorOfTheRead) {
  Write({"a", std::string(100, 'x')});
  const std::string segment = Segments().at(0);
  const std::uint64_t mark_position = files_.Contents(segment).size() - kFrameHeaderBytes;
  for (std::uint64_t bit = 0; bit < mark_position * 8; ++bit) {
    const auto damaged = files_.Clone();
    damaged->FlipBit(segment, bit);
    const Status status = RecoverAndReadFirst(*damaged, segment);
    ASSERT_EQ(status.code(), StatusCode::kDamaged) << "bit " << bit;
    EXPECT_THAT(status.message(), HasSubstr(segment + ", position "));
  }
}

TEST_F(RecoveryTest, WhatLiesBelowTheFirstOffsetIsRemovedWithItsIndex) {
  Write({std::string(3000, 'a'), std::string(3000, 'b'), std::string(3000, 'c')}, 8 << 10);
  const std::vector<std::string> segments = Segments();
  ASSERT_GE(segments.size(), 3U);
  const std::string meta = FolderOf(segments[0]) + "/meta";
  const log::LogId id = DecodeMeta(files_.Contents(meta))->log;
  const std::string second = segments[1].substr(segments[1].rfind('/') + 1);
  files_.SetContents(meta, EncodeMeta({id, *ParseSegmentName(second)}));
  ASSERT_TRUE(RecoverLog(files_, FolderOf(segments[0])).ok());
  EXPECT_EQ(Segments(), std::vector<std::string>(segments.begin() + 1, segments.end()));
  EXPECT_THAT(files_.Files(), testing::Not(testing::Contains(IndexOf(segments[0]))));
}

TEST_F(RecoveryTest, SegmentsThatWereSwappedAreRefused) {
  Write({std::string(3000, 'a'), std::string(3000, 'b'), std::string(3000, 'c')}, 8 << 10);
  const std::vector<std::string> segments = Segments();
  ASSERT_GE(segments.size(), 3U);
  const std::string first = files_.Contents(segments[0]);
  const std::string second = files_.Contents(segments[1]);
  files_.SetContents(segments[0], second);
  files_.SetContents(segments[1], first);
  EXPECT_EQ(RecoverLog(files_, FolderOf(segments[0])).status().code(), StatusCode::kDamaged);
}

TEST_F(RecoveryTest, ASegmentThatIsMissingIsARefusal) {
  Write({std::string(3000, 'a'), std::string(3000, 'b'), std::string(3000, 'c')}, 8 << 10);
  const std::vector<std::string> segments = Segments();
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const auto without = files_.Clone();
    ASSERT_TRUE(without->Remove(segments[i]).ok());
    EXPECT_EQ(RecoverLog(*without, FolderOf(segments[i])).status().code(), StatusCode::kDamaged);
  }
}

TEST_F(RecoveryTest, FramesThatWereSwappedOrCopiedAreRefused) {
  WriteWithoutIndex({"aaaaaaaa", "bbbbbbbb", "cccccccc"});
  const std::string segment = Segments().at(0);
  const std::string whole = files_.Contents(segment);
  const std::uint64_t frame_bytes = (whole.size() - kSegmentHeaderBytes - kFrameHeaderBytes) / 3;
  const auto frame = [&](std::size_t i) {
    return whole.substr(kSegmentHeaderBytes + i * frame_bytes, frame_bytes);
  };
  const auto recovered_with = [&](const std::string& bytes) {
    const auto altered = files_.Clone();
    altered->SetContents(segment, bytes);
    return RecoverLog(*altered, FolderOf(segment)).status().code();
  };
  const std::string head = whole.substr(0, kSegmentHeaderBytes);
  const std::string mark = whole.substr(whole.size() - kFrameHeaderBytes);
  EXPECT_EQ(recovered_with(head + frame(0) + frame(1) + frame(2) + mark), StatusCode::kOk);
  EXPECT_EQ(recovered_with(head + frame(1) + frame(0) + frame(2) + mark), StatusCode::kDamaged);
  EXPECT_EQ(recovered_with(head + frame(0) + frame(0) + frame(2) + mark), StatusCode::kDamaged);
}

TEST_F(RecoveryTest, AFrameHiddenInAValueIsNeverTakenForOne) {
  WriteWithoutIndex({"first"});
  const std::string segment = Segments().at(0);
  const std::string frame = files_.Contents(segment).substr(kSegmentHeaderBytes);
  // The value holds true frames of this segment, with a mark, at every alignment.
  std::string value;
  for (int i = 0; i < 8; ++i) value += frame + "x";
  WriteWithoutIndex({value, "last"});
  std::string torn = files_.Contents(segment);
  torn.resize(torn.size() - kFrameHeaderBytes);  // the mark at its end
  const std::size_t last = torn.rfind("last");
  torn[last] = 'L';
  files_.SetContents(segment, torn);
  const auto recovered = RecoverLog(files_, FolderOf(segment));
  ASSERT_TRUE(recovered.ok()) << recovered.status().message();
  EXPECT_EQ(Values(*recovered), (std::vector<std::string>{"first", value}));
}

// A frame as the log writes it, of which `durable` bytes of the file were durable.
std::string FrameAt(std::uint64_t position, std::uint64_t durable, Offset offset,
                    const std::string& value, std::uint64_t salt) {
  log::Batch batch(1);
  batch.front().value = value;
  EncodedAppend append = *EncodeAppend(batch, {});
  const FramePlace place{salt, position};
  FrameHeader header;
  header.body_bytes = append.body_bytes;
  header.record_count = append.record_count;
  header.first_offset = offset;
  header.durable_position = durable;
  header.body_checksum = BodyChecksum(
      std::string_view(append.bytes).substr(kFrameHeaderBytes, append.body_bytes), place);
  EncodeFrameHeader(header, place, append.bytes.data());
  return append.bytes;
}

TEST_F(RecoveryTest, AFrameBehindATornOneDoesNotComeBackBehindALaterAppend) {
  WriteWithoutIndex({});
  const std::string segment = Segments().at(0);
  const std::string head = files_.Contents(segment).substr(0, kSegmentHeaderBytes);
  const std::uint64_t salt = DecodeSegmentHeader(head)->salt;
  const std::uint64_t position = kSegmentHeaderBytes;
  std::string torn = FrameAt(position, position, Offset(0), "aaaaaaaa", salt);
  const std::string behind = FrameAt(position + torn.size(), position, Offset(1), "bbbbbbbb", salt);
  torn[torn.size() - kFrameAlignment] ^= 1;
  files_.SetContents(segment, head + torn + behind);
  std::unique_ptr<test::SimulatedFileSystem> killed;
  Write({"cccccccc"}, 1 << 20, [&] { killed = files_.Clone(); });  // as long as what was torn
  const auto recovered = RecoverLog(*killed, FolderOf(segment));
  ASSERT_TRUE(recovered.ok()) << recovered.status().message();
  EXPECT_EQ(Values(*recovered), std::vector<std::string>{"cccccccc"});
}

TEST_F(RecoveryTest, RecoveringAgainChangesNothing) {
  WriteWithoutIndex({"a", "b"});
  const std::string segment = Segments().at(0);
  files_.SetContents(segment, files_.Contents(segment) + std::string(9, 'j'));
  ASSERT_TRUE(RecoverLog(files_, FolderOf(segment)).ok());
  const std::string once = files_.Contents(segment);
  ASSERT_TRUE(RecoverLog(files_, FolderOf(segment)).ok());
  EXPECT_EQ(files_.Contents(segment), once);
}

}  // namespace
}  // namespace daybook::disk
