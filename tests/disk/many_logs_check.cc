#include <algorithm>
#include <chrono>
#include <utility>

#include "disk/journal_replay.h"
#include "disk/many_logs_work.h"
#include "disk/many_logs_workload.h"

namespace daybook::disk {
namespace {

using Existence = LogLedger::Existence;
using Outcome = Submission::Outcome;

// Of the states that the changes may have left the cursor in: what is wrong with the one it has. It
// is the only one from then on.
std::string CompareCursor(const std::string& name, const std::optional<log::Cursor>& cursor,
                          std::vector<CursorChange>& changes) {
  auto possible = changes.rbegin();  // the last that was carried out for sure
  while (possible != changes.rend() && possible->outcome != Outcome::kAcknowledged) ++possible;
  const auto last = possible;
  const auto is_so = [&](const CursorChange& change) {
    if (change.outcome == Outcome::kRefused || change.offset.has_value() != cursor.has_value())
      return false;
    if (!cursor) return true;
    return cursor->offset == *change.offset &&
           (change.revision == 0 || change.revision == cursor->revision);
  };
  bool found = last == changes.rend() && !cursor;
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    found = found || is_so(*change);
    if (change == last) break;
  }
  if (!found) {
    return "cursor '" + name + "' is " +
           (cursor ? "at " + std::to_string(cursor->offset.value) + ", revision " +
                         std::to_string(cursor->revision)
                   : "not there") +
           ", after " + std::to_string(changes.size()) + " changes";
  }
  CursorChange now;
  now.outcome = Outcome::kAcknowledged;
  if (cursor) now.offset = cursor->offset;
  if (cursor) now.revision = cursor->revision;
  changes = {now};
  return {};
}

std::string CheckCursors(log::Log& log, LogLedger& of_log, StoreLedger& ledger) {
  Result<std::vector<log::Cursor>> told = std::vector<log::Cursor>();
  log.Cursors([&](Result<std::vector<log::Cursor>> cursors) { told = std::move(cursors); });
  if (!told.ok()) return "its cursors cannot be listed: " + told.status().message();
  std::map<std::string, log::Cursor> cursors;
  for (const log::Cursor& cursor : *told) {
    if (of_log.cursors.count(cursor.name) == 0) return "it has a cursor that nobody put";
    ledger.revision_max = std::max(ledger.revision_max, cursor.revision);
    cursors[cursor.name] = cursor;
  }
  for (auto& [name, changes] : of_log.cursors) {
    const auto cursor = cursors.find(name);
    std::string fault = CompareCursor(
        name, cursor == cursors.end() ? std::nullopt : std::optional(cursor->second), changes);
    if (!fault.empty()) return fault;
  }
  return {};
}

std::string CheckLog(log::Log& log, LogLedger& of_log, StoreLedger& ledger) {
  const Offset first = InfoOf(log).first_offset;
  if (first < of_log.trimmed) return "what was trimmed came back";
  if (first > of_log.trim_wanted) return "more is gone than was to go";
  of_log.trimmed = first;
  const Result<Values> values = ValuesOf(log, first);
  if (!values.ok()) return "it cannot be read: " + values.status().message();
  std::string fault = Compare(first, *values, of_log.submissions);
  if (fault.empty()) fault = Retry(log, of_log.submissions);
  if (fault.empty()) fault = CheckCursors(log, of_log, ledger);
  return fault;
}

// Which logs there are.
std::string CheckNames(const std::vector<LogPtr>& listed, StoreLedger& ledger) {
  std::set<log::LogId> there;
  for (const LogPtr& log : listed) {
    there.insert(log->id());
    const auto known = ledger.logs.find(log->id());
    if (known == ledger.logs.end()) {
      // The first start makes this one, unasked.
      const bool first = log->name() == log::kDefaultLog && ledger.logs.empty();
      if (!first && ledger.maybe_made.count(log->name()) == 0)
        return "there is a log '" + log->name() + "' that nobody made";
    } else if (known->second.existence == Existence::kGone) {
      return "the log '" + log->name() + "' was deleted, and is there";
    } else if (known->second.name != log->name()) {
      return "the log '" + known->second.name + "' is now '" + log->name() + "'";
    }
  }
  for (auto& [id, of_log] : ledger.logs) {
    if (of_log.existence == Existence::kThere && there.count(id) == 0)
      return "the log '" + of_log.name + "' was made, and is not there";
    of_log.existence = there.count(id) == 0 ? Existence::kGone : Existence::kThere;
  }
  for (const LogPtr& log : listed) ledger.logs[log->id()].name = log->name();
  ledger.maybe_made.clear();
  return {};
}

// Folders and files that no log needs.
std::string CheckFolders(const test::SimulatedFileSystem& files,
                         const std::vector<LogPtr>& listed) {
  std::set<std::string> known = {"catalogue", "LOCK", "BACKUP"};
  for (const LogPtr& log : listed) known.insert(log->id().ToString());
  for (const std::string& path : files.Files()) {
    const std::string name = path.substr(std::string(kManyLogsFolder).size() + 1);
    if (known.count(name.substr(0, name.find('/'))) == 0) return path + " is left";
  }
  return {};
}

// Appends to every log at once.
std::string AppendToAll(ManyLogsWork& work, const std::vector<LogPtr>& listed,
                        StoreLedger& ledger) {
  std::vector<Offset> expected;
  std::vector<Ask> asks;
  for (const LogPtr& log : listed) {
    expected.push_back(InfoOf(*log).next_offset);
    asks.push_back(work.Append(log, 40));
  }
  asks.push_back(work.Put(listed.front(), "afterwards"));
  AskTogether(asks);
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const Submission& last = ledger.logs[listed[i]->id()].submissions.back();
    if (last.outcome != Outcome::kAcknowledged) return "an append fails";
    if (last.offset != expected[i]) return "an append does not get the next offset";
  }
  if (ledger.logs[listed.front()->id()].cursors["afterwards"].back().outcome !=
      Outcome::kAcknowledged) {
    return "a cursor cannot be put";
  }
  return {};
}

std::string CheckStore(test::SimulatedFileSystem& files, DiskLogStore& store, StoreLedger& ledger) {
  std::vector<LogPtr> listed;
  store.List("", "", SIZE_MAX, [&](Result<std::vector<LogPtr>> logs) {
    if (logs.ok()) listed = std::move(*logs);
  });
  if (listed.empty()) return "the logs cannot be listed";
  std::string fault = CheckNames(listed, ledger);
  if (fault.empty()) fault = CheckFolders(files, listed);
  if (!fault.empty()) return fault;
  for (const LogPtr& log : listed) {
    fault = CheckLog(*log, ledger.logs[log->id()], ledger);
    if (!fault.empty()) return "log '" + log->name() + "': " + fault;
  }
  ManyLogsWork work(files, store, ledger);
  return AppendToAll(work, listed, ledger);
}

}  // namespace

std::string CheckManyLogs(test::SimulatedFileSystem& files, StoreLedger& ledger) {
  if (!ledger.fault.empty()) return ledger.fault;
  std::string fault;
  const Status status =
      WithStore(files, kManyLogsFolder, ManyLogsOptions(std::chrono::milliseconds(60'000)),
                [&](DiskLogStore& store) { fault = CheckStore(files, store, ledger); });
  if (!status.ok()) return "it does not start, or fails: " + status.message();
  if (fault.empty()) fault = ledger.fault;
  const auto journals = ListJournals(files, kManyLogsFolder);
  if (fault.empty() && journals.ok() && !journals->empty()) fault = "a clean stop leaves a journal";
  return fault;
}

}  // namespace daybook::disk
