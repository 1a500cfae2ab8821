// What the workload on many logs may ask of a store, and how it notes the answers in the ledger.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "disk/many_logs_workload.h"

namespace daybook::disk {

using LogPtr = std::shared_ptr<log::Log>;

inline constexpr const char* kManyLogsFolder = "/data";

// With segments and a journal that are soon full.
DiskLogOptions ManyLogsOptions(std::chrono::milliseconds idle_time);

// A null log is passed over.
class ManyLogsWork {
 public:
  // All of it outlives this.
  ManyLogsWork(test::SimulatedFileSystem& files, DiskLogStore& store, StoreLedger& ledger,
               std::chrono::milliseconds patience = kJournalPatience)
      : files_(files), store_(store), ledger_(ledger), patience_(patience) {}

  // The log, of which the ledger knows; null: it cannot be had.
  LogPtr Make(const std::string& name);
  LogPtr Find(const std::string& name);
  // With an append under way.
  void Delete(const LogPtr& log);
  // All but the last `kept` records.
  void Trim(const LogPtr& log, std::uint64_t kept);

  Ask Append(const LogPtr& log, std::size_t bytes);
  // With `holds` false: under a condition that does not hold.
  Ask Put(const LogPtr& log, const std::string& name, bool holds = true);
  Ask Forget(const LogPtr& log, const std::string& name);

  // What holds a group in the journal goes, unless the engine fails or `patience` ends.
  void AwaitReplay();
  void AwaitJournal();

 private:
  LogLedger& LedgerOf(const log::Log& log);
  void NotePut(CursorChange& change, bool holds, const Result<log::CursorPut>& put);
  // Until it is so of the journals. Where the power was cut, or an operation failed, it may never
  // be.
  void Await(const std::function<bool(const std::vector<std::string>&)>& condition);

  test::SimulatedFileSystem& files_;
  DiskLogStore& store_;
  StoreLedger& ledger_;
  const std::chrono::milliseconds patience_;
};

}  // namespace daybook::disk
