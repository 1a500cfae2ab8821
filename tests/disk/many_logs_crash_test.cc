// As crash_test.cc, of many logs that share groups, the journal and the catalogue: the power is cut
// at every operation of the file system and again within the recovery that follows, and every
// operation fails in every way.

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "base/logging.h"
#include "disk/crash_points.h"
#include "disk/many_logs_workload.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

using test::SimulatedFileSystem;

class ManyLogsCrashTest : public testing::Test {
 protected:
  ManyLogsCrashTest() { logging::SetLevel(logging::Level::kError); }
  ~ManyLogsCrashTest() override { logging::SetLevel(logging::Level::kInfo); }

  static CrashCase<StoreLedger> Crash() {
    CrashCase<StoreLedger> crash;
    crash.run = [](SimulatedFileSystem& files, StoreLedger& ledger) {
      RunManyLogs(files, CrashStarts(), ledger);
    };
    crash.check = CheckManyLogs;
    crash.seeds = 2;
    crash.second_cuts = 10;
    crash.models_behind_failure = 1;
    return crash;
  }

  const CrashCase<StoreLedger> crash_ = Crash();
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
  RunManyLogs(files, CrashStarts(), ledger, std::chrono::milliseconds(1'000));
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
  EXPECT_GE(Count(files, "WholeSync", ""), 1);  // of the stop
  EXPECT_EQ(CheckManyLogs(files, ledger), "");
  std::printf("%llu operations\n", static_cast<unsigned long long>(files.operations()));
}

TEST_F(ManyLogsCrashTest, WhatWasAcknowledgedSurvivesAPowerLossAtEveryOperation) {
  CutPowerEverywhere(crash_);
}

TEST_F(ManyLogsCrashTest, NothingIsAcknowledgedThatAFailedOperationLost) { FailEverywhere(crash_); }

}  // namespace
}  // namespace daybook::disk
