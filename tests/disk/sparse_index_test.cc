#include "disk/sparse_index.h"

#include <gtest/gtest.h>

#include <vector>

#include "disk/format.h"

namespace daybook::disk {
namespace {

struct Frame {
  Offset first_offset;
  Offset next_offset;
  std::uint64_t position;
  std::uint64_t end;
};

TEST(SparseIndex, WhatIsFoundBeforeAndBehindAnOffsetEnclosesItsFrame) {
  SparseIndex index(Offset(100));
  std::vector<Frame> frames;
  Frame next{Offset(100), Offset(100), kSegmentHeaderBytes, 0};
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    const std::uint64_t bytes = i % 50 == 0 ? 100'000 : 88;
    next.next_offset = next.first_offset + (i % 50 == 0 ? 1000 : 1);
    next.end = next.position + bytes;
    index.Add(next.first_offset, next.position);
    frames.push_back(next);
    next.first_offset = next.next_offset;
    next.position = next.end;
  }
  for (const Frame& frame : frames) {
    for (const Offset offset : {frame.first_offset, Offset(frame.next_offset.value - 1)}) {
      EXPECT_LE(index.Find(offset), frame.position);
      EXPECT_GE(index.Find(offset) + kIndexStrideBytes, frame.position);
      const std::uint64_t behind = index.FindBehind(offset).value_or(next.position);
      EXPECT_GE(behind, frame.end);
      EXPECT_LE(behind, frame.end + kIndexStrideBytes + 100'000);
    }
  }
}

TEST(SparseIndex, AFrameIsFoundUpToAPosition) {
  SparseIndex index(Offset(0));
  constexpr std::uint64_t kFirst = kSegmentHeaderBytes + kIndexStrideBytes;
  constexpr std::uint64_t kSecond = kFirst + kIndexStrideBytes;
  EXPECT_EQ(index.FrameUpTo(kSecond), kSegmentHeaderBytes);
  index.Add(Offset(10), kFirst);
  index.Add(Offset(20), kSecond);
  EXPECT_EQ(index.FrameUpTo(kFirst - 1), kSegmentHeaderBytes);
  EXPECT_EQ(index.FrameUpTo(kFirst), kFirst);
  EXPECT_EQ(index.FrameUpTo(kSecond - 1), kFirst);
  EXPECT_EQ(index.FrameUpTo(UINT64_MAX), kSecond);
}

TEST(SparseIndex, NothingIsFoundBehindTheLastOffsets) {
  SparseIndex index(Offset(0));
  EXPECT_FALSE(index.FindBehind(Offset(0)));
  index.Add(Offset(10), kSegmentHeaderBytes + kIndexStrideBytes);
  EXPECT_EQ(index.FindBehind(Offset(9)), kSegmentHeaderBytes + kIndexStrideBytes);
  EXPECT_FALSE(index.FindBehind(Offset(10)));
}

}  // namespace
}  // namespace daybook::disk
