// The power is cut at every operation of the file system, and at every one of the recovery that
// follows, and every operation fails in every way: what was acknowledged is there, and in a backup
// that was made meanwhile.

#include <gtest/gtest.h>

#include <string>

#include "base/logging.h"
#include "disk/crash_points.h"
#include "disk/crash_workload.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

using test::SimulatedFileSystem;

class CrashTest : public testing::Test {
 protected:
  CrashTest() { logging::SetLevel(logging::Level::kError); }
  ~CrashTest() override { logging::SetLevel(logging::Level::kInfo); }

  const CrashCase<Ledger> crash_{
      [](SimulatedFileSystem& files, Ledger& ledger) { RunWorkload(files, CrashStarts(), ledger); },
      CheckAfterwards, CheckBackup, 6};
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
  CutPowerEverywhere(crash_);
}

TEST_F(CrashTest, NothingIsAcknowledgedThatAFailedOperationLost) { FailEverywhere(crash_); }

TEST_F(CrashTest, WithoutReservationZerosAreRoom) {
  SimulatedFileSystem files;
  files.NoReserve(true);
  Ledger ledger;
  RunWorkload(files, CrashStarts(), ledger);
  EXPECT_EQ(CheckAfterwards(files, ledger), "");
}

}  // namespace
}  // namespace daybook::disk
