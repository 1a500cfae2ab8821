// At which operations the crash tests cut the power or have one fail, and what is left then.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "support/http_client.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {

inline constexpr std::array kLossModels = {
    test::LossModel::kNothingKept, test::LossModel::kEverythingKept,
    test::LossModel::kRandomSectors, test::LossModel::kOrderedPrefix};

// Under a sanitizer, which makes everything slower, one operation in so many is cut or fails.
inline constexpr std::uint64_t kCrashStep = test::kSanitized ? 29 : 1;

inline const char* NameOf(test::LossModel model) {
  switch (model) {
    case test::LossModel::kNothingKept:
      return "nothing kept";
    case test::LossModel::kEverythingKept:
      return "everything kept";
    case test::LossModel::kRandomSectors:
      return "random sectors";
    case test::LossModel::kOrderedPrefix:
      return "ordered prefix";
  }
  return "";
}

// How often a workload starts the engine: 2, or what DAYBOOK_CRASH_STARTS says. The time that the
// tests take grows with the square.
inline int CrashStarts() {
  const char* const starts = std::getenv("DAYBOOK_CRASH_STARTS");
  return starts == nullptr ? 2 : std::atoi(starts);
}

// A workload, and what is to hold after it came to whatever end.
template <typename Ledger>
struct CrashCase {
  // Runs until it is over, or the file system lets nothing more be done.
  std::function<void(test::SimulatedFileSystem&, Ledger&)> run;
  // Starts again, and returns what is wrong, "" when nothing is. Brings the ledger up to what was
  // seen.
  std::function<std::string(test::SimulatedFileSystem&, Ledger&)> check;
  // The same of a backup that the workload made; the ledger is as the workload left it.
  std::function<std::string(const test::SimulatedFileSystem&, const Ledger&)> check_backup =
      [](const test::SimulatedFileSystem&, const Ledger&) { return std::string(); };
  // Of each loss model that has a choice.
  std::uint64_t seeds = 1;
  // At least so many of a recovery's operations are cut, another choice each time.
  std::uint64_t second_cuts = UINT64_MAX;
  // Of loss models, behind a failed operation; with fewer than all, another one each time.
  std::size_t models_behind_failure = kLossModels.size();
};

template <typename Ledger>
std::uint64_t OperationsOfAWholeRun(const CrashCase<Ledger>& crash) {
  test::SimulatedFileSystem files;
  Ledger ledger;
  crash.run(files, ledger);
  return files.operations();
}

// Cuts the power at every operation of the workload, and again within the recovery that follows.
template <typename Ledger>
void CutPowerEverywhere(const CrashCase<Ledger>& crash) {
  const std::uint64_t operations = OperationsOfAWholeRun(crash);
  std::array<std::uint64_t, kLossModels.size()> points{};
  for (std::uint64_t cut = 0; cut < operations; cut += kCrashStep) {
    test::SimulatedFileSystem files;
    files.CutPowerAt(cut);
    Ledger ledger;
    crash.run(files, ledger);
    if (cut >= files.operations()) continue;
    for (std::size_t model = 0; model < kLossModels.size(); ++model) {
      const auto where = [&] {
        return "cut at " + std::to_string(cut) + " (" + files.OperationName(cut) + "), " +
               NameOf(kLossModels[model]);
      };
      const bool random = model >= 2;
      for (std::uint64_t seed = 0; seed < (random ? crash.seeds : 1); ++seed) {
        const auto after = files.AfterPowerLoss(kLossModels[model], seed);
        const auto again = after->Clone();
        ++points[model];
        Ledger found = ledger;
        ASSERT_EQ(crash.check(*after, found), "") << where() << ", seed " << seed;
        if (seed > 0) continue;
        const std::uint64_t recovery = after->operations();
        ASSERT_EQ(crash.check_backup(*after, ledger), "") << "of the backup, " << where();
        // The same start, cut at its own operations.
        const std::uint64_t step = std::max<std::uint64_t>(1, recovery / crash.second_cuts);
        for (std::uint64_t second = cut % step; second < recovery; second += step) {
          const auto cut_again = again->Clone();
          cut_again->CutPowerAt(second);
          found = ledger;
          (void)crash.check(*cut_again, found);
          const auto last = cut_again->AfterPowerLoss(kLossModels[model], second);
          ++points[model];
          ASSERT_EQ(crash.check(*last, found), "") << where() << ", and then at " << second << " ("
                                                   << cut_again->OperationName(second) << ")";
        }
      }
    }
  }
  for (std::size_t model = 0; model < kLossModels.size(); ++model)
    std::printf("%s: %llu points\n", NameOf(kLossModels[model]),
                static_cast<unsigned long long>(points[model]));
}

// Has every operation of the workload fail, in every way.
template <typename Ledger>
void FailEverywhere(const CrashCase<Ledger>& crash) {
  using test::Failure;
  const std::uint64_t operations = OperationsOfAWholeRun(crash);
  for (const Failure failure :
       {Failure::kIoError, Failure::kNoSpace, Failure::kQuota, Failure::kShortWrite}) {
    for (std::uint64_t failing = 0; failing < operations; failing += kCrashStep) {
      test::SimulatedFileSystem files;
      files.FailOperation(failing, failure);
      Ledger ledger;
      crash.run(files, ledger);
      // What threads do beside each other is not the same in every run.
      if (failing >= files.operations()) continue;
      const auto where = [&] {
        return "operation " + std::to_string(failing) + " (" + files.OperationName(failing) +
               ") failed in way " + std::to_string(static_cast<int>(failure));
      };
      const auto check = [&](test::SimulatedFileSystem& left, Ledger& found, const char* what) {
        ASSERT_EQ(crash.check(left, found), "") << where() << ", " << what;
        ASSERT_EQ(crash.check_backup(left, ledger), "")
            << "of the backup, " << where() << ", " << what;
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
        const auto lost = left->AfterPowerLoss(test::LossModel::kNothingKept, 0);
        check(*lost, found, "and then the power lost");
      }
      for (std::size_t i = 0; i < crash.models_behind_failure; ++i) {
        const test::LossModel model =
            kLossModels[(failing + static_cast<std::uint64_t>(failure) + i) % kLossModels.size()];
        const auto lost = files.AfterPowerLoss(model, failing);
        Ledger found = ledger;
        check(*lost, found, NameOf(model));
      }
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace daybook::disk
