// A workload on many logs of a disk engine that may end at any of its file system's operations, and
// a ledger of what it was answered, against which a later start is checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "disk/submissions.h"
#include "log/log_id.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {

// A cursor that was put or, without an offset, deleted.
struct CursorChange {
  std::optional<Offset> offset;
  std::uint64_t revision = 0;  // that the answer to a put told
  Submission::Outcome outcome = Submission::Outcome::kUnknown;
};

// One log, made once: under its name there may have been others before.
struct LogLedger {
  enum class Existence { kThere, kMaybe, kGone };

  std::string name;
  Existence existence = Existence::kThere;
  std::vector<Submission> submissions;
  Offset trimmed;                                            // up to here all is gone
  Offset trim_wanted;                                        // and nothing else is
  std::map<std::string, std::vector<CursorChange>> cursors;  // in the order of submission
};

// What was asked of the store, and what it answered.
struct StoreLedger {
  std::map<log::LogId, LogLedger> logs;
  std::set<std::string> maybe_made;  // names of logs whose creation was not answered
  std::uint64_t revision_max = 0;    // that any cursor was seen with
  std::string fault;                 // of an answer, apart from what a later start shows

  // What the workload came through.
  int deletions = 0;
  int refusals = 0;
  int failed_conditions = 0;
};

// That the journal is waited for, which never moves where the power was cut.
inline constexpr std::chrono::milliseconds kJournalPatience{100};

// Makes logs, deletes some and makes them again under the same names; appends to many at once,
// puts, moves and deletes cursors within the same groups, trims, and has the disk full for a while;
// over several starts with clean stops between, of which every second has the logs marked and the
// journal replayed whenever nothing comes, for which it is waited no longer than `patience`. Ends
// early when the engine fails.
void RunManyLogs(test::SimulatedFileSystem& files, int starts, StoreLedger& ledger,
                 std::chrono::milliseconds patience = kJournalPatience);

// Starts the engine again and compares: a log is there that was made, and gone that was deleted,
// its folder too; in each what was acknowledged is at its offset, what was refused or trimmed is
// nowhere, the order is that of submission, and a retry gets its own offset; a cursor is as the
// last answer said, or as a later change would have it that was not answered. Then appends to all
// at once. Returns what is wrong, "" when nothing is; `ledger` is brought up to what was seen.
std::string CheckManyLogs(test::SimulatedFileSystem& files, StoreLedger& ledger);

}  // namespace daybook::disk
