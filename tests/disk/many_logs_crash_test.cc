// As crash_test.cc, of many logs that share groups, the journal and the catalogue: the power is cut
// at every operation of the file system and again within the recovery that follows, and every
// operation fails in every way.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/logging.h"
#include "disk/crash_points.h"
#include "disk/many_logs_workload.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

using test::Failure;
using test::LossModel;
using test::SimulatedFileSystem;

class ManyLogsCrashTest : public testing::Test {
 protected:
  ManyLogsCrashTest() { logging::SetLevel(logging::Level::kError); }
  ~ManyLogsCrashTest() override { logging::SetLevel(logging::Level::kInfo); }

  static std::uint64_t OperationsOfAWholeRun() {
    SimulatedFileSystem files;
    StoreLedger ledger;
    RunManyLogs(files, CrashStarts(), ledger);
    return files.operations();
  }
};

int Count(const SimulatedFileSystem& files, const std::string& begin, const std::string& end) {
  int count = 0;
  for (std::uint64_t i = 0; i < files.operations(); ++i) {
    const std::string operation = files.OperationName(i);
    count += operation.starts_with(begin) && operation.ends_with(end) ? 1 : 0;
  }
  return count;
}

TEST_F(ManyLogsCrashTest, TheWorkloadUsesTheJournalRollsDeletesAndFillsTheDisk) {
  SimulatedFileSystem files;
  StoreLedger ledger;
  RunManyLogs(files, CrashStarts(), ledger);
  EXPECT_EQ(ledger.fault, "");
  EXPECT_GE(ledger.deletions, 3);
  EXPECT_GE(ledger.refusals, 1);
  EXPECT_GE(ledger.failed_conditions, 4);
  // A file has the name that it was opened under.
  EXPECT_GE(Count(files, "Sync", ".journal.tmp"), 20);
  EXPECT_GE(Count(files, "Rename", ".journal"), 4);      // made, or made empty again
  EXPECT_GE(Count(files, "Rename", ".journal.tmp"), 1);  // made empty again
  EXPECT_GE(Count(files, "Remove", ".journal"), 2);
  EXPECT_GE(Count(files, "Rename", ".log"), 6 + 4);  // of new logs, and rolls
  EXPECT_GE(Count(files, "Rename /data/catalogue/", ".log"), 1);
  EXPECT_EQ(CheckManyLogs(files, ledger), "");
  std::printf("%llu operations\n", static_cast<unsigned long long>(files.operations()));
}

TEST_F(ManyLogsCrashTest, WhatWasAcknowledgedSurvivesAPowerLossAtEveryOperation) {
  constexpr int kSeeds = 2;
  // At least so many of a recovery's operations are cut, another choice each time.
  constexpr std::uint64_t kSecondCuts = 10;
  const std::uint64_t operations = OperationsOfAWholeRun();
  std::array<std::uint64_t, kLossModels.size()> points{};
  for (std::uint64_t cut = 0; cut < operations; cut += kCrashStep) {
    SimulatedFileSystem files;
    files.CutPowerAt(cut);
    StoreLedger ledger;
    RunManyLogs(files, CrashStarts(), ledger);
    if (cut >= files.operations()) continue;
    for (std::size_t model = 0; model < kLossModels.size(); ++model) {
      const bool random = model >= 2;
      for (std::uint64_t seed = 0; seed < (random ? kSeeds : 1); ++seed) {
        const auto after = files.AfterPowerLoss(kLossModels[model], seed);
        const auto again = after->Clone();
        ++points[model];
        StoreLedger found = ledger;
        ASSERT_EQ(CheckManyLogs(*after, found), "")
            << "cut at " << cut << " (" << files.OperationName(cut) << "), "
            << NameOf(kLossModels[model]) << ", seed " << seed;
        if (seed > 0) continue;
        const std::uint64_t step = std::max<std::uint64_t>(1, after->operations() / kSecondCuts);
        for (std::uint64_t second = cut % step; second < after->operations(); second += step) {
          const auto cut_again = again->Clone();
          cut_again->CutPowerAt(second);
          found = ledger;
          (void)CheckManyLogs(*cut_again, found);
          const auto last = cut_again->AfterPowerLoss(kLossModels[model], second);
          ++points[model];
          ASSERT_EQ(CheckManyLogs(*last, found), "")
              << "cut at " << cut << " (" << files.OperationName(cut) << ") and then at " << second
              << " (" << cut_again->OperationName(second) << "), " << NameOf(kLossModels[model]);
        }
      }
    }
  }
  for (std::size_t model = 0; model < kLossModels.size(); ++model)
    std::printf("%s: %llu points\n", NameOf(kLossModels[model]),
                static_cast<unsigned long long>(points[model]));
}

TEST_F(ManyLogsCrashTest, NothingIsAcknowledgedThatAFailedOperationLost) {
  const std::uint64_t operations = OperationsOfAWholeRun();
  for (const Failure failure :
       {Failure::kIoError, Failure::kNoSpace, Failure::kQuota, Failure::kShortWrite}) {
    for (std::uint64_t failing = 0; failing < operations; failing += kCrashStep) {
      SimulatedFileSystem files;
      files.FailOperation(failing, failure);
      StoreLedger ledger;
      RunManyLogs(files, CrashStarts(), ledger);
      // What threads do beside each other is not the same in every run.
      if (failing >= files.operations()) continue;
      const auto where = [&] {
        return "operation " + std::to_string(failing) + " (" + files.OperationName(failing) +
               ") failed in way " + std::to_string(static_cast<int>(failure));
      };
      // As in crash_test.cc: the cache may still show what never reached the disk, or not.
      for (const bool evict : {false, true}) {
        const auto left = files.Clone();
        if (evict) left->EvictCleanPages();
        StoreLedger found = ledger;
        ASSERT_EQ(CheckManyLogs(*left, found), "")
            << where() << (evict ? ", pages evicted" : ", pages there");
        if (files.OperationName(failing).starts_with("SyncFolder")) continue;
        const auto lost = left->AfterPowerLoss(LossModel::kNothingKept, 0);
        ASSERT_EQ(CheckManyLogs(*lost, found), "") << where() << ", and then the power lost";
      }
      // One of the models, another one each time.
      const LossModel model =
          kLossModels[(failing + static_cast<std::uint64_t>(failure)) % kLossModels.size()];
      const auto lost = files.AfterPowerLoss(model, failing);
      StoreLedger found = ledger;
      ASSERT_EQ(CheckManyLogs(*lost, found), "") << where() << ", " << NameOf(model);
    }
  }
}

}  // namespace
}  // namespace daybook::disk
