// The power is cut at every operation of a backup and of a restore, and each fails in every way:
// the original is as it was, and half a copy is never taken for a whole one.

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>

#include "disk/backup.h"
#include "disk/copy_test.h"

namespace daybook::disk {
namespace {

using test::Failure;
using test::LossModel;
using test::SimulatedFileSystem;

struct Kind {
  const char* from;
  const char* to;
  Result<std::vector<LogCopy>> (*make)(FileSystem&, const std::string&, const std::string&,
                                       const CopyOptions&);

  Result<std::vector<LogCopy>> operator()(FileSystem& files) const {
    return make(files, from, to, CopyOptions());
  }
};

class BackupCrashTest : public CopyTest, public testing::WithParamInterface<Kind> {
 protected:
  BackupCrashTest() { EXPECT_TRUE(Backup(files_, "/data", "/backup").ok()); }

  std::uint64_t OperationsOfAWholeCopy() const {
    const auto files = files_.Clone();
    EXPECT_TRUE(GetParam()(*files).ok());
    return files->operations();
  }

  // What is there after `files` was left as it is: the original, and the whole copy or something
  // that nobody takes for one and that can be made again. `whole`: it must be whole.
  void Check(const SimulatedFileSystem& files, bool whole, const std::string& where) {
    const Kind& kind = GetParam();
    const auto left = files.Clone();
    const auto original = Served(*left, kind.from);
    ASSERT_TRUE(original.ok()) << where << ": " << original.status().message();
    ASSERT_EQ(*original, values_) << where;
    if (!HoldsNothing(*left, kind.to)) {
      const auto copy = Served(*left, kind.to);
      if (copy.ok()) {
        ASSERT_EQ(*copy, values_) << where;
        return;
      }
      ASSERT_NE(copy.status().message().find("INCOMPLETE"), std::string::npos)
          << where << ": " << copy.status().message();
    }
    ASSERT_FALSE(whole) << where;
    const auto again = kind(*left);
    ASSERT_TRUE(again.ok()) << where << ": " << again.status().message();
    ASSERT_EQ(Served(*left, kind.to).value(), values_) << where;
  }
};

TEST_P(BackupCrashTest, APowerLossAtAnyOperationLeavesAWholeOneOrNone) {
  constexpr int kSeeds = 8;
  const std::uint64_t operations = OperationsOfAWholeCopy();
  ASSERT_GT(operations, 30U);
  for (std::uint64_t cut = 0; cut <= operations; ++cut) {
    const auto files = files_.Clone();
    files->CutPowerAt(cut);
    const bool made = GetParam()(*files).ok();
    ASSERT_EQ(made, cut == operations);
    for (const LossModel model : {LossModel::kNothingKept, LossModel::kEverythingKept,
                                  LossModel::kRandomSectors, LossModel::kOrderedPrefix}) {
      const bool random = model == LossModel::kRandomSectors || model == LossModel::kOrderedPrefix;
      for (std::uint64_t seed = 0; seed < (random ? kSeeds : 1); ++seed) {
        const auto after = files->AfterPowerLoss(model, seed);
        Check(*after, made,
              "cut at " + std::to_string(cut) + ", model " +
                  std::to_string(static_cast<int>(model)) + ", seed " + std::to_string(seed));
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(BackupCrashTest, AFailureOfAnyOperationIsToldOrDoesNotMatter) {
  const std::uint64_t operations = OperationsOfAWholeCopy();
  for (const Failure failure :
       {Failure::kIoError, Failure::kNoSpace, Failure::kQuota, Failure::kShortWrite}) {
    for (std::uint64_t failing = 0; failing < operations; ++failing) {
      const auto files = files_.Clone();
      files->FailOperation(failing, failure);
      const bool made = GetParam()(*files).ok();
      const std::string where = "operation " + std::to_string(failing) + " (" +
                                files->OperationName(failing) + ") failed in way " +
                                std::to_string(static_cast<int>(failure));
      ASSERT_TRUE(made || HoldsNothing(*files, GetParam().to)) << where;
      Check(*files, made, where);
      Check(*files->AfterPowerLoss(LossModel::kNothingKept, 0), made, where + ", and a power loss");
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, BackupCrashTest,
                         testing::Values(Kind{"/data", "/copy", Backup},
                                         Kind{"/backup", "/copy", Restore}),
                         [](const auto& kind) {
                           return std::string(kind.param.from) == "/data" ? "Backup" : "Restore";
                         });

}  // namespace
}  // namespace daybook::disk
