// At which operations the crash tests cut the power or have one fail, and what is left then.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>

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

}  // namespace daybook::disk
