// The power is cut at every operation of the file system, and at every one of the recovery that
// follows, and every operation fails in every way: what was acknowledged is there, and in a backup
// that was made meanwhile.

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/logging.h"
#include "disk/crash_points.h"
#include "disk/crash_workload.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

using test::Failure;
using test::LossModel;
using test::SimulatedFileSystem;

class CrashTest : public testing::Test {
 protected:
  CrashTest() { logging::SetLevel(logging::Level::kError); }
  ~CrashTest() override { logging::SetLevel(logging::Level::kInfo); }

  static std::uint64_t OperationsOfAWholeRun() {
    SimulatedFileSystem files;
    Ledger ledger;
    RunWorkload(files, CrashStarts(), ledger);
    return files.operations();
  }
};

TEST_F(CrashTest, TheWorkloadRollsTrimsBacksUpFillsTheDiskAndComesBack) {
  SimulatedFileSystem files;
  Ledger ledger;
  RunWorkload(files, CrashStarts(), ledger);
  int refused = 0;
  int acknowledged = 0;
  for (const Submission& submission : ledger.submissions) {
    refused += submission.outcome == Submission::Outcome::kRefused ? 1 : 0;
    acknowledged += submission.outcome == Submission::Outcome::kAcknowledged ? 1 : 0;
  }
  EXPECT_GE(refused, 1);
  EXPECT_GE(acknowledged, 30);
  int segments = 0;
  for (std::uint64_t i = 0; i < files.operations(); ++i) {
    const std::string operation = files.OperationName(i);
    segments += operation.starts_with("Rename") && operation.ends_with(".log") ? 1 : 0;
  }
  EXPECT_GE(segments, 1 + 1 + 4);  // the catalogue's, the first, and rolls
  EXPECT_EQ(ledger.trims, 2);
  EXPECT_GE(ledger.retentions, 2);
  ASSERT_TRUE(ledger.backup && ledger.backup->done);
  EXPECT_GT(ledger.backup->submissions_before, 10U);
  EXPECT_GT(ledger.backup->first_offset_least, Offset(0));
  EXPECT_GT(ledger.backup->linked_bytes, 0U);
  EXPECT_EQ(CheckBackup(files, ledger), "");
  EXPECT_EQ(CheckAfterwards(files, ledger), "");
}

TEST_F(CrashTest, WhatWasAcknowledgedSurvivesAPowerLossAtEveryOperation) {
  constexpr int kSeeds = 6;
  const std::uint64_t operations = OperationsOfAWholeRun();
  std::array<std::uint64_t, kLossModels.size()> points{};
  for (std::uint64_t cut = 0; cut < operations; cut += kCrashStep) {
    SimulatedFileSystem files;
    files.CutPowerAt(cut);
    Ledger ledger;
    RunWorkload(files, CrashStarts(), ledger);
    if (cut >= files.operations()) continue;
    for (std::size_t model = 0; model < kLossModels.size(); ++model) {
      const bool random = model >= 2;
      for (std::uint64_t seed = 0; seed < (random ? kSeeds : 1); ++seed) {
        const auto after = files.AfterPowerLoss(kLossModels[model], seed);
        const auto again = after->Clone();
        ++points[model];
        Ledger found = ledger;
        ASSERT_EQ(CheckAfterwards(*after, found), "")
            << "cut at " << cut << " (" << files.OperationName(cut) << "), "
            << NameOf(kLossModels[model]) << ", seed " << seed;
        if (seed > 0) continue;
        const std::uint64_t recovery = after->operations();
        ASSERT_EQ(CheckBackup(*after, ledger), "")
            << "of the backup, cut at " << cut << " (" << files.OperationName(cut) << "), "
            << NameOf(kLossModels[model]);
        // The same start, cut at each of its own operations.
        for (std::uint64_t second = 0; second < recovery; ++second) {
          const auto cut_again = again->Clone();
          cut_again->CutPowerAt(second);
          found = ledger;
          (void)CheckAfterwards(*cut_again, found);
          const auto last = cut_again->AfterPowerLoss(kLossModels[model], second);
          ++points[model];
          ASSERT_EQ(CheckAfterwards(*last, found), "")
              << "cut at " << cut << " (" << files.OperationName(cut) << ") and then at " << second
              << ", " << NameOf(kLossModels[model]);
        }
      }
    }
  }
  for (std::size_t model = 0; model < kLossModels.size(); ++model)
    std::printf("%s: %llu points\n", NameOf(kLossModels[model]),
                static_cast<unsigned long long>(points[model]));
}

TEST_F(CrashTest, NothingIsAcknowledgedThatAFailedOperationLost) {
  const std::uint64_t operations = OperationsOfAWholeRun();
  for (const Failure failure :
       {Failure::kIoError, Failure::kNoSpace, Failure::kQuota, Failure::kShortWrite}) {
    for (std::uint64_t failing = 0; failing < operations; failing += kCrashStep) {
      SimulatedFileSystem files;
      files.FailOperation(failing, failure);
      Ledger ledger;
      RunWorkload(files, CrashStarts(), ledger);
      // What the housekeeper does in one go is not the same in every run.
      if (failing >= files.operations()) continue;
      const auto where = [&] {
        return "operation " + std::to_string(failing) + " (" + files.OperationName(failing) +
               ") failed in way " + std::to_string(static_cast<int>(failure));
      };
      const auto check = [&](SimulatedFileSystem& left, Ledger& found, const char* what) {
        ASSERT_EQ(CheckAfterwards(left, found), "") << where() << ", " << what;
        ASSERT_EQ(CheckBackup(left, ledger), "") << "of the backup, " << where() << ", " << what;
      };
      // Where names are lost that a failed sync of a folder was to carry, the machine stops: a
      // journal that cannot be written makes the file system read-only.
      const bool of_names = files.OperationName(failing).starts_with("SyncFolder");
      // The process ended; the cache may still show what never reached the disk, or not. What the
      // next start shows of it is there after a power loss, too.
      for (const bool evict : {false, true}) {
        const auto left = files.Clone();
        if (evict) left->EvictCleanPages();
        Ledger found = ledger;
        check(*left, found, evict ? "pages evicted" : "pages there");
        if (of_names) continue;
        const auto lost = left->AfterPowerLoss(LossModel::kNothingKept, 0);
        check(*lost, found, "and then the power lost");
      }
      for (const LossModel model : kLossModels) {
        const auto lost = files.AfterPowerLoss(model, failing);
        Ledger found = ledger;
        check(*lost, found, NameOf(model));
      }
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(CrashTest, WithoutReservationZerosAreRoom) {
  SimulatedFileSystem files;
  files.NoReserve(true);
  Ledger ledger;
  RunWorkload(files, CrashStarts(), ledger);
  EXPECT_EQ(CheckAfterwards(files, ledger), "");
}

}  // namespace
}  // namespace daybook::disk
