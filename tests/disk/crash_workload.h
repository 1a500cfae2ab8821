// A workload on a disk engine that may end at any of its file system's operations, and a ledger of
// what it was answered, against which a later start is checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "disk/disk_store.h"
#include "disk/submissions.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {

// A backup that was begun.
struct BackedUp {
  std::size_t submissions_before = 0;  // were answered when it began
  Offset first_offset_least;           // of the log, when it began
  Offset first_offset_most;            // or was to be, when it had ended
  bool done = false;                   // it was answered with success
  std::uint64_t linked_bytes = 0;
};

// What was asked of the engine, and what it answered.
struct Ledger {
  std::vector<Submission> submissions;
  Offset trimmed;                                  // up to here all is gone
  Offset trim_wanted;                              // nothing from here on, but by retention
  std::uint64_t retention_bytes_max = UINT64_MAX;  // the least that was asked to be kept
  int trims = 0;                                   // that were answered with success
  int retentions = 0;                              // that took something
  std::optional<BackedUp> backup;
};

DiskLogOptions CrashOptions();

// Appends records of many sizes, alone and in groups, over several starts with clean stops between,
// over rolls, and over a disk that is full for a while; trims a part and everything, has retention
// take some, and makes a backup, during which it appends. Ends early when the engine fails.
void RunWorkload(test::SimulatedFileSystem& files, int starts, Ledger& ledger);

// Starts the engine again and compares: everything that was acknowledged is at its offset, unless
// it was to be trimmed, what was refused or trimmed is nowhere, the order is that of submission,
// the next append gets the next offset, and a retry of any gets its own. Returns what is wrong, ""
// when nothing is. What is seen now must be there ever after, and what is not never again: `ledger`
// is brought up to that, and has the append that was made here at its end.
std::string CheckAfterwards(FileSystem& files, Ledger& ledger);

// Restores the backup, in a copy of the files, and compares, whatever has become of the log since:
// everything is at its offset that had been acknowledged before it began and was not trimmed by
// then, nothing is there that was not submitted, and the restored log can be appended to. A backup
// that was not answered with success may be refused instead. `ledger` is as the workload left it.
// Returns what is wrong, "" when nothing is.
std::string CheckBackup(const test::SimulatedFileSystem& files, const Ledger& ledger);

}  // namespace daybook::disk
