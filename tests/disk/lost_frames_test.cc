// Records that a repair gave up: their offsets stay, and reads say so.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "disk/log_folder_test.h"
#include "disk/recovery.h"
#include "support/find_log.h"

namespace daybook::disk {
namespace {

class LostFramesTest : public LogFolderTest {
 protected:
  // Values at 0 and 1, lost are 2 to 6, a value at 7.
  LostFramesTest() {
    Write({"0", "1"});
    WriteLost(Offset(2), 5);
    Write({"7"});
  }

  Result<log::Page> Read(std::uint64_t from, std::uint64_t records_max = 100) {
    Result<log::Page> page = log::Page();
    auto store = DiskLogStore::Open(files_, Clock::System(), "/data", {},
                                    [](const Status& status) { FAIL() << status.message(); });
    (*store)->AwaitRecovery();
    test::FindLog(**store)->Read(Offset(from), {records_max, 1 << 20},
                                 [&](Result<log::Page> read) { page = std::move(read); });
    return page;
  }

  static std::vector<std::string> ValuesOf(const Result<log::Page>& page) {
    std::vector<std::string> values;
    EXPECT_TRUE(page.ok()) << page.status().message();
    if (!page.ok()) return values;
    for (const log::RecordView& record : page->records) values.emplace_back(record.value);
    return values;
  }
};

TEST_F(LostFramesTest, APageThatBeginsAmongThemIsLostAndSaysWhereTheNextRecordIs) {
  for (std::uint64_t offset = 2; offset < 7; ++offset) {
    const auto page = Read(offset);
    EXPECT_EQ(page.status().code(), StatusCode::kLost) << offset;
    EXPECT_EQ(page.status().offset(), Offset(7));
    EXPECT_NE(page.status().message().find("offset " + std::to_string(offset) + " is lost"),
              std::string::npos);
  }
}

TEST_F(LostFramesTest, APageThatRunsIntoThemEndsBeforeThem) {
  EXPECT_EQ(ValuesOf(Read(0)), (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(ValuesOf(Read(1)), std::vector<std::string>{"1"});
  EXPECT_EQ(Read(1)->end, Offset(8));
}

TEST_F(LostFramesTest, RecordsBehindThemHaveTheirOffsets) {
  const auto page = Read(7);
  EXPECT_EQ(ValuesOf(page), std::vector<std::string>{"7"});
  EXPECT_EQ(page->records.at(0).offset, Offset(7));
}

TEST_F(LostFramesTest, AScanWithoutAnIndexGoesOverThem) {
  ASSERT_TRUE(files_.Remove(IndexOf(Segments().at(0))).ok());
  const auto recovered = RecoverLog(files_, FolderOf(Segments().at(0)));
  ASSERT_TRUE(recovered.ok()) << recovered.status().message();
  EXPECT_EQ(recovered->segments.back().end.offset, Offset(8));
}

TEST_F(LostFramesTest, MoreThanASegmentCanHaveAreNoFrame) {
  WriteLost(Offset(8), UINT32_MAX);
  WriteLost(Offset(8) + UINT32_MAX, UINT32_MAX);
  EXPECT_EQ(RecoverLog(files_, FolderOf(Segments().at(0))).status().code(), StatusCode::kDamaged);
}

}  // namespace
}  // namespace daybook::disk
