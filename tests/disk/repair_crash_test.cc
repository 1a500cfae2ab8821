// The power is cut at every operation of a repair, and each fails in every way: a start then
// refuses the folder or has what the repair was to leave, and the next repair comes to its end.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "disk/repair_test.h"
#include "support/find_log.h"

namespace daybook::disk {
namespace {

using test::Failure;
using test::LossModel;
using test::SimulatedFileSystem;

struct Damage {
  const char* name;
  // Of the log's segments, in their order; what is lost for it.
  void (*make)(SimulatedFileSystem& files, const std::vector<std::string>& segments);
};

void FlipBody(SimulatedFileSystem& files, const std::string& path) {
  files.FlipBit(path, (kSegmentHeaderBytes + kFrameHeaderBytes + 20) * 8);
}

constexpr Damage kDamages[] = {
    {"Frames",
     [](SimulatedFileSystem& files, const std::vector<std::string>& segments) {
       for (const std::string& path : segments) FlipBody(files, path);
     }},
    {"AMissingSegment",
     [](SimulatedFileSystem& files, const std::vector<std::string>& segments) {
       (void)files.Remove(segments.at(0));
     }},
    {"ACopiedSegment",
     [](SimulatedFileSystem& files, const std::vector<std::string>& segments) {
       const std::string folder = segments.at(0).substr(0, segments.at(0).rfind('/') + 1);
       files.SetContents(folder + SegmentName(Offset(5)), files.Contents(segments.at(0)));
     }},
    {"AMisnamedSegment",
     [](SimulatedFileSystem& files, const std::vector<std::string>& segments) {
       const std::string folder = segments.at(0).substr(0, segments.at(0).rfind('/') + 1);
       (void)files.Rename(segments.at(0), folder + SegmentName(Offset(77)));
       FlipBody(files, segments.back());
     }},
    {"MetaAndAnIndex",
     [](SimulatedFileSystem& files, const std::vector<std::string>& segments) {
       const std::string folder = segments.at(0).substr(0, segments.at(0).rfind('/') + 1);
       (void)files.Remove(folder + "meta");
       (void)files.Remove(folder + IndexName(Offset(0)));
     }},
    {"TheCatalogue",
     [](SimulatedFileSystem& files, const std::vector<std::string>& segments) {
       FlipBody(files, "/data/catalogue/00000000000000000000.log");
       FlipBody(files, segments.at(0));
     }},
    {"NoCatalogue",
     [](SimulatedFileSystem& files, const std::vector<std::string>&) {
       for (const std::string& path : files.Files()) {
         if (path.starts_with("/data/catalogue/")) (void)files.Remove(path);
       }
       (void)files.Remove("/data/catalogue");
     }},
};

class RepairCrashTest : public RepairTest, public testing::WithParamInterface<Damage> {
 protected:
  RepairCrashTest() {
    WriteSegments();
    GetParam().make(files_, Segments());
    for (const std::string& folder : {FolderOf(Segments().back()), std::string("/data")})
      EXPECT_TRUE(files_.SyncFolder(folder).ok());
    EXPECT_TRUE(IsDamaged(files_));
    const auto whole = files_.Clone();
    EXPECT_TRUE(Repair(*whole).ok());
    operations_ = whole->operations();
    repaired_ = ValuesIn(*whole);
  }

  // What is there after `files` was left as it is. `made`: the repair came to its end.
  void Check(const SimulatedFileSystem& files, bool made, const std::string& where) {
    const std::optional<Offset> end = EndAtAStart(files);
    ASSERT_TRUE(end || !made) << where;
    if (end) {
      ASSERT_EQ(*end, Offset(repaired_.size())) << where << ": the log is shorter, or longer";
    }
    const auto started = files.Clone();
    if (end && !IsDamaged(*started)) {
      ASSERT_EQ(ValuesIn(*started), repaired_) << where;
    }
    ASSERT_FALSE(made && IsDamaged(*started)) << where;
    const auto left = files.Clone();
    const Status again = Repair(*left);
    ASSERT_TRUE(again.ok()) << where << ": " << again.message();
    ASSERT_EQ(ValuesIn(*left), repaired_) << where;
    ASSERT_FALSE(IsDamaged(*left)) << where;
  }

  // Where the log ends if a server takes the folder.
  static std::optional<Offset> EndAtAStart(const SimulatedFileSystem& files) {
    const auto started = files.Clone();
    Status failure;
    const auto store = DiskLogStore::Open(*started, Clock::System(), "/data", {},
                                          [&](const Status& status) { failure = status; });
    if (!store.ok()) return std::nullopt;
    (*store)->AwaitRecovery();
    if (!failure.ok()) return std::nullopt;
    std::optional<Offset> end;
    test::FindLog(**store)->Info(
        [&](const Result<log::LogInfo>& info) { end = info->next_offset; });
    return end;
  }

  std::uint64_t operations_ = 0;
  Values repaired_;
};

TEST_P(RepairCrashTest, AfterAPowerLossAtAnyOperationItCanBeMadeAgain) {
  constexpr int kSeeds = 4;
  ASSERT_GT(operations_, 4U);
  for (std::uint64_t cut = 0; cut <= operations_; ++cut) {
    const auto files = files_.Clone();
    files->CutPowerAt(cut);
    const bool made = Repair(*files).ok();
    ASSERT_EQ(made, cut == operations_);
    for (const LossModel model : {LossModel::kNothingKept, LossModel::kEverythingKept,
                                  LossModel::kRandomSectors, LossModel::kOrderedPrefix}) {
      const bool random = model == LossModel::kRandomSectors || model == LossModel::kOrderedPrefix;
      for (std::uint64_t seed = 0; seed < (random ? kSeeds : 1); ++seed) {
        Check(*files->AfterPowerLoss(model, seed), made,
              "cut at " + std::to_string(cut) +
                  (made ? "" : " (" + files->OperationName(cut) + ")") + ", model " +
                  std::to_string(static_cast<int>(model)) + ", seed " + std::to_string(seed));
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(RepairCrashTest, AFailureOfAnyOperationIsToldAndItCanBeMadeAgain) {
  for (const Failure failure : {Failure::kIoError, Failure::kNoSpace, Failure::kShortWrite}) {
    for (std::uint64_t failing = 0; failing < operations_; ++failing) {
      const auto files = files_.Clone();
      files->FailOperation(failing, failure);
      const bool made = Repair(*files).ok();
      const std::string where = "operation " + std::to_string(failing) + " (" +
                                files->OperationName(failing) + ") failed in way " +
                                std::to_string(static_cast<int>(failure));
      Check(*files, made, where);
      Check(*files->AfterPowerLoss(LossModel::kNothingKept, 0), made, where + ", and a power loss");
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, RepairCrashTest, testing::ValuesIn(kDamages),
                         [](const auto& damage) { return std::string(damage.param.name); });

}  // namespace
}  // namespace daybook::disk
