#include "disk/frame_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "disk/log_folder_test.h"

namespace daybook::disk {
namespace {

using testing::HasSubstr;

class FrameWalkTest : public LogFolderTest {
 protected:
  // A segment of three records, a frame of 72 bytes each, and a mark.
  FrameWalkTest() {
    Write({"a", "b", "c"});
    segment_ = Segments().at(0);
    whole_ = files_.Contents(segment_);
    header_ = *DecodeSegmentHeader(whole_);
    EXPECT_EQ(whole_.size(), PositionOf(3) + kFrameHeaderBytes);
  }

  static std::uint64_t PositionOf(std::uint64_t frame) { return kSegmentHeaderBytes + frame * 80; }

  // The steps that a walk makes.
  void Walk() {
    file_ = std::move(*files_.Open(segment_, FileSystem::Mode::kRead));
    FrameWalk walk(*file_, header_.salt, Offset(0), *file_->Size());
    for (;;) {
      const auto step = walk.Next();
      ASSERT_TRUE(step.ok()) << step.status().message();
      if (!*step) break;
      if (const auto* const frame = std::get_if<FrameWalk::Frame>(&**step)) {
        frames_.push_back(*frame);
      } else {
        gaps_.push_back(std::get<FrameWalk::Gap>(**step));
      }
      ASSERT_LT(frames_.size() + gaps_.size(), 100U) << "it does not end";
    }
    end_ = walk.offset();
  }

  void ExpectOnlyGap(std::uint64_t position, std::uint64_t end, std::uint64_t first_offset,
                     std::uint64_t next_offset) const {
    ASSERT_EQ(gaps_.size(), 1U);
    EXPECT_EQ(gaps_[0].position, position);
    EXPECT_EQ(gaps_[0].end, end);
    EXPECT_EQ(gaps_[0].first_offset, Offset(first_offset));
    EXPECT_EQ(gaps_[0].next_offset, Offset(next_offset));
  }

  std::string segment_;
  std::string whole_;
  SegmentHeader header_;
  std::unique_ptr<File> file_;
  std::vector<FrameWalk::Frame> frames_;
  std::vector<FrameWalk::Gap> gaps_;
  Offset end_;
};

TEST_F(FrameWalkTest, EveryFrameIsAStepAndZerosBehindThemAreNone) {
  files_.SetContents(segment_, whole_ + std::string(100'000, '\0'));
  Walk();
  EXPECT_TRUE(gaps_.empty());
  ASSERT_EQ(frames_.size(), 4U);
  for (std::size_t i = 0; i < frames_.size(); ++i) EXPECT_EQ(frames_[i].position, PositionOf(i));
  EXPECT_EQ(frames_.back().header.type, FrameType::kMark);
  EXPECT_EQ(end_, Offset(3));
}

TEST_F(FrameWalkTest, ADamagedHeaderIsAGapUpToTheNextAndTakesTheRecordsBetween) {
  files_.FlipBit(segment_, (PositionOf(1) + 16) * 8);
  Walk();
  ExpectOnlyGap(PositionOf(1), PositionOf(2), 1, 2);
  EXPECT_EQ(frames_.size(), 3U);
  EXPECT_EQ(end_, Offset(3));
}

TEST_F(FrameWalkTest, ADamagedBodyIsAGapAsLongAsItsHeaderSays) {
  files_.FlipBit(segment_, (PositionOf(1) + kFrameHeaderBytes + 3) * 8);
  Walk();
  ExpectOnlyGap(PositionOf(1), PositionOf(2), 1, 2);
  EXPECT_THAT(gaps_[0].what, HasSubstr("body"));
  EXPECT_EQ(frames_.size(), 3U);
}

TEST_F(FrameWalkTest, BehindTheLastFrameNobodyKnowsWhichRecordsAGapTakes) {
  files_.SetContents(segment_, whole_ + "garbage");
  Walk();
  ExpectOnlyGap(whole_.size(), whole_.size() + 7, 3, 3);
}

TEST_F(FrameWalkTest, AFrameThatTheFileEndsWithinSaysWhichRecordsItHad) {
  files_.SetContents(segment_, whole_.substr(0, PositionOf(2) + kFrameHeaderBytes + 1));
  Walk();
  ExpectOnlyGap(PositionOf(2), PositionOf(2) + kFrameHeaderBytes + 1, 2, 3);
}

TEST_F(FrameWalkTest, AFrameThatComesMeanwhileIsNoGap) {
  files_.SetContents(segment_, whole_.substr(0, PositionOf(1)) + "half");
  files_.SetContents(segment_, files_.Contents(segment_) + std::string(1000, '\0'));
  file_ = std::move(*files_.Open(segment_, FileSystem::Mode::kRead));
  FrameWalk walk(*file_, header_.salt, Offset(0), *file_->Size());
  ASSERT_TRUE(walk.Next().ok());
  const auto step = walk.Next();
  const FrameWalk::Gap gap = std::get<FrameWalk::Gap>(**step);
  EXPECT_FALSE(*walk.HasComeMeanwhile(gap));
  const auto file = std::move(*files_.Open(segment_, FileSystem::Mode::kReadWrite));
  ASSERT_TRUE(file->WriteBytesAt(0, whole_).ok());
  EXPECT_TRUE(*walk.HasComeMeanwhile(gap));
  EXPECT_EQ(std::get<FrameWalk::Frame>(**walk.Next()).position, PositionOf(1));
  EXPECT_EQ(std::get<FrameWalk::Frame>(**walk.Next()).position, PositionOf(2));
}

TEST_F(FrameWalkTest, FramesWithOffsetsThatDoNotFitAreGaps) {
  file_ = std::move(*files_.Open(segment_, FileSystem::Mode::kRead));
  const auto first_step = [&](std::uint64_t first_offset) {
    FrameWalk walk(*file_, header_.salt, Offset(first_offset), whole_.size());
    // Not as the segment's first offset, which would be lower than what it has.
    return std::get<FrameWalk::Gap>(**walk.Next());
  };
  EXPECT_TRUE(first_step(1).misfit);
  EXPECT_EQ(first_step(1).end, PositionOf(1));
  EXPECT_EQ(first_step(UINT64_MAX).next_offset, Offset(UINT64_MAX));
}

}  // namespace
}  // namespace daybook::disk
