// RepairTest damages a data folder, repairs it, and compares what is left with what was there.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "disk/folder_repair.h"
#include "disk/log_folder_test.h"
#include "support/find_log.h"

namespace daybook::disk {

class RepairTest : public LogFolderTest {
 protected:
  // By offset, from the log's first on; none for one that is lost.
  using Values = std::vector<std::optional<std::string>>;

  void WriteSegments() {
    Write({std::string(3000, 'a'), std::string(900, 'b'), std::string(3000, 'c'),
           std::string(200, 'd'), "e"},
          9 << 10);
    ASSERT_GE(Segments().size(), 2U);
    written_ = ValuesIn(files_);
    ASSERT_EQ(written_.size(), 5U);
  }

  // All that is served, after an append to its end.
  static Values ValuesIn(test::SimulatedFileSystem& files) {
    Values values;
    Status failure;
    auto store = DiskLogStore::Open(files, Clock::System(), "/data", {},
                                    [&](const Status& status) { failure = status; });
    EXPECT_TRUE(store.ok()) << store.status().message();
    if (!store.ok()) return values;
    (*store)->AwaitRecovery();
    EXPECT_TRUE(failure.ok()) << failure.message();
    if (!failure.ok()) return values;
    log::Log& log = *test::FindLog(**store);
    Offset first;
    Offset next;
    log.Info([&](const Result<log::LogInfo>& info) {
      first = info->first_offset;
      next = info->next_offset;
    });
    for (Offset at = first; at < next; at = at + 1) {
      log.Read(at, {1, 1 << 20}, [&](const Result<log::Page>& page) {
        if (page.ok() && page->records.size() == 1 && page->records[0].offset == at) {
          values.emplace_back(page->records[0].value);
        } else {
          EXPECT_EQ(page.status().code(), StatusCode::kLost) << page.status().message();
          values.emplace_back();
        }
      });
    }
    return values;
  }

  static Status Repair(test::SimulatedFileSystem& files) {
    auto folder = DataFolder::Lock(files, "/data");
    if (!folder.ok()) return folder.status();
    const auto repair = PlanFolderRepair(files, Clock::System(), "/data");
    if (!repair.ok()) return repair.status();
    return RepairFolder(files, Clock::System(), **folder, *repair);
  }

  static std::vector<Fault> FaultsIn(FileSystem& files) {
    const auto folder = ExamineFolder(files, "/data");
    EXPECT_TRUE(folder.ok()) << folder.status().message();
    return folder.ok() ? folder->AllFaults() : std::vector<Fault>();
  }

  static bool IsDamaged(FileSystem& files) {
    for (const Fault& fault : FaultsIn(files)) {
      if (fault.kind == Fault::Kind::kDamage) return true;
    }
    return false;
  }

  // Repairs, and expects a folder without a fault, but for a torn tail. Returns what is served
  // then.
  static Values Repaired(test::SimulatedFileSystem& files) {
    const Status status = Repair(files);
    EXPECT_TRUE(status.ok()) << status.message();
    for (const Fault& fault : FaultsIn(files)) {
      EXPECT_EQ(fault.kind, Fault::Kind::kTornTail) << fault.path << ": " << fault.what;
    }
    return ValuesIn(files);
  }

  // What was written, without the records from `first` to `next`.
  Values Without(std::size_t first, std::size_t next) const {
    Values values = written_;
    for (std::size_t i = first; i < next; ++i) values[i].reset();
    return values;
  }

  static Offset OffsetOf(const std::string& segment) {
    return *ParseSegmentName(segment.substr(segment.rfind('/') + 1));
  }

  std::string MetaPath() const { return FolderOf(Segments().at(0)) + "/meta"; }

  Values written_;
};

}  // namespace daybook::disk
