#include "disk/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "disk/log_folder_test.h"

namespace daybook::disk {
namespace {

using testing::HasSubstr;

class InspectTest : public LogFolderTest {
 protected:
  InspectTest() {
    Write({std::string(3000, 'a'), std::string(3000, 'b'), std::string(3000, 'c')}, 8 << 10);
    EXPECT_GE(Segments().size(), 3U);
    folder_ = FolderOf(Segments().at(0));
  }

  std::vector<std::string> PathsFound() {
    std::vector<std::string> paths;
    const auto log = LookIntoLog(files_, folder_);
    for (const SegmentFile& segment : log->segments) paths.push_back(segment.path);
    return paths;
  }

  std::string folder_;
};

TEST_F(InspectTest, TheCatalogueNamesTheLogAndItsFolderHasTheSegments) {
  const auto entries = LookIntoCatalogue(files_, "/data");
  ASSERT_TRUE(entries.ok()) << entries.status().message();
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ(entries->front().name, "default");
  EXPECT_EQ(LogFolderIn("/data", entries->front().id), folder_);
  const auto log = LookIntoLog(files_, folder_);
  ASSERT_TRUE(log.ok() && log->meta.ok());
  EXPECT_EQ(log->meta->log, entries->front().id);
  EXPECT_EQ(PathsFound(), Segments());
  EXPECT_TRUE(log->segments.back().last);
  EXPECT_FALSE(log->segments.front().last);
  for (const SegmentFile& segment : log->segments) {
    const auto opened = OpenForReading(files_, segment, log->meta->log);
    ASSERT_TRUE(opened.ok() && opened->header.ok());
    EXPECT_EQ(opened->header->first_offset, segment.first_offset);
    EXPECT_EQ(segment.index_path(), IndexOf(segment.path));
  }
}

TEST_F(InspectTest, LookingNeitherLocksNorChangesAnything) {
  const std::uint64_t operations = files_.operations();
  Write({"d"}, 8 << 10, [&] {
    const std::uint64_t before = files_.operations();
    ASSERT_TRUE(LookIntoCatalogue(files_, "/data").ok());
    ASSERT_TRUE(LookIntoLog(files_, folder_).ok());
    EXPECT_EQ(files_.operations(), before);
  });
  EXPECT_GT(files_.operations(), operations);
}

TEST_F(InspectTest, SegmentsThatTheLogHasLeftBehindAreNotListed) {
  const std::vector<std::string> segments = Segments();
  const Offset second = LookIntoLog(files_, folder_)->segments.at(1).first_offset;
  const log::LogId id = DecodeMeta(files_.Contents(folder_ + "/meta"))->log;
  files_.SetContents(folder_ + "/meta", EncodeMeta({id, second}));
  EXPECT_EQ(PathsFound(), std::vector<std::string>(segments.begin() + 1, segments.end()));
}

TEST_F(InspectTest, WhatCannotBeReadIsNamed) {
  const std::string segment = Segments().at(0);
  const SegmentFile file{segment, Offset(0)};
  const log::LogId id = LookIntoLog(files_, folder_)->meta->log;
  EXPECT_THAT(OpenForReading(files_, file, log::LogId{})->header.status().message(),
              HasSubstr(segment + ", position 0: it is of the log"));
  files_.FlipBit(segment, 50 * 8);
  EXPECT_EQ(OpenForReading(files_, file, id)->header.status().code(), StatusCode::kDamaged);
  ASSERT_TRUE(files_.Remove(segment).ok());
  EXPECT_EQ(OpenForReading(files_, file, id).status().code(), StatusCode::kNotFound);
  files_.FlipBit(folder_ + "/meta", 0);
  EXPECT_THAT(LookIntoLog(files_, folder_)->meta.status().message(), HasSubstr(folder_ + "/meta"));
}

TEST_F(InspectTest, ADamagedCatalogueIsNamed) {
  files_.FlipBit("/data/catalogue/00000000000000000000.log", (kSegmentHeaderBytes + 60) * 8);
  EXPECT_THAT(LookIntoCatalogue(files_, "/data").status().message(),
              HasSubstr("/data/catalogue/00000000000000000000.log, position 4096"));
}

}  // namespace
}  // namespace daybook::disk
