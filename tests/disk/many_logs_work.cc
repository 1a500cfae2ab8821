#include "disk/many_logs_work.h"

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "disk/journal_replay.h"
#include "log/find_and_wait.h"

namespace daybook::disk {
namespace {

using Existence = LogLedger::Existence;
using Outcome = Submission::Outcome;

Outcome OutcomeOf(const Status& status) {
  if (status.ok()) return Outcome::kAcknowledged;
  return status.code() == StatusCode::kUnknownOutcome ? Outcome::kUnknown : Outcome::kRefused;
}

Ask Nothing() {
  return [](const Answered& answered) { answered(); };
}

bool IsKnown(const std::vector<CursorChange>& changes) {
  return std::all_of(changes.begin(), changes.end(),
                     [](const CursorChange& each) { return each.outcome != Outcome::kUnknown; }) &&
         (changes.empty() || changes.back().outcome == Outcome::kAcknowledged);
}

}  // namespace

DiskLogOptions ManyLogsOptions(std::chrono::milliseconds idle_time) {
  DiskLogOptions options;
  options.segment_bytes_max = 10 << 10;
  options.journal_bytes = 16 << 10;
  options.idle_time = idle_time;
  options.whole_sync_from = 3;  // of 2 there are journal groups, too
  return options;
}

LogPtr ManyLogsWork::Make(const std::string& name) {
  std::promise<Result<log::Created>> answer;
  store_.Create(name, {}, [&](Result<log::Created> made) { answer.set_value(std::move(made)); });
  const Result<log::Created> made = answer.get_future().get();
  if (!made.ok()) {
    if (OutcomeOf(made.status()) == Outcome::kUnknown) ledger_.maybe_made.insert(name);
    return nullptr;
  }
  LedgerOf(*made->log).existence = Existence::kThere;
  return made->log;
}

LogPtr ManyLogsWork::Find(const std::string& name) {
  const Result<LogPtr> found = log::FindAndWait(store_, name);
  if (!found.ok()) return nullptr;
  (void)LedgerOf(**found);
  return *found;
}

void ManyLogsWork::Delete(const LogPtr& log) {
  if (log == nullptr) return;
  LogLedger& of_log = LedgerOf(*log);
  of_log.existence = Existence::kMaybe;
  std::promise<Status> answer;
  store_.Delete(log, [&](Status status) { answer.set_value(std::move(status)); });
  AskTogether({Append(log, 20)});  // which may come before it
  const Status status = answer.get_future().get();
  if (status.ok()) ++ledger_.deletions;
  if (OutcomeOf(status) == Outcome::kAcknowledged) of_log.existence = Existence::kGone;
  if (OutcomeOf(status) == Outcome::kRefused) of_log.existence = Existence::kThere;
}

Ask ManyLogsWork::Append(const LogPtr& log, std::size_t bytes) {
  if (log == nullptr) return Nothing();
  return [this, log, bytes](const Answered& answered) {
    std::vector<Submission>& submissions = LedgerOf(*log).submissions;
    const std::size_t i = submissions.size();
    // Every log has the same keys.
    submissions.push_back(
        {std::to_string(i) + "/" + log->id().ToString() + std::string(bytes, 'v'), {}, {}});
    AppendKeyed(*log, submissions[i].value,
                [this, &submissions, i, answered](const Result<log::Appended>& appended) {
                  if (appended.ok() && appended->replayed)
                    ledger_.fault = "an append is answered as another log's was";
                  Note(submissions[i], appended);
                  if (submissions[i].outcome == Outcome::kRefused) ++ledger_.refusals;
                  answered();
                });
  };
}

Ask ManyLogsWork::Put(const LogPtr& log, const std::string& name, bool holds) {
  if (log == nullptr) return Nothing();
  return [this, log, name, holds](const Answered& answered) {
    std::vector<CursorChange>& changes = LedgerOf(*log).cursors[name];
    const std::size_t i = changes.size();
    log::CursorCondition condition;
    if (!holds) condition.revisions = {ledger_.revision_max + 1'000'000};
    if (holds && IsKnown(changes)) {
      const bool exists = i > 0 && changes.back().offset;
      condition.exists = exists;
      if (exists) condition.revisions = {changes.back().revision};
    }
    changes.push_back({InfoOf(*log).next_offset, 0, {}});
    log->PutCursor(name, *changes.back().offset, condition,
                   [this, &changes, i, holds, answered](const Result<log::CursorPut>& put) {
                     NotePut(changes[i], holds, put);
                     answered();
                   });
  };
}

Ask ManyLogsWork::Forget(const LogPtr& log, const std::string& name) {
  if (log == nullptr) return Nothing();
  return [this, log, name](const Answered& answered) {
    std::vector<CursorChange>& changes = LedgerOf(*log).cursors[name];
    const std::size_t i = changes.size();
    changes.push_back({});
    log->DeleteCursor(name, {}, [&changes, i, answered](const Status& status) {
      changes[i].outcome = OutcomeOf(status);
      answered();
    });
  };
}

void ManyLogsWork::Trim(const LogPtr& log, std::uint64_t kept) {
  if (log == nullptr) return;
  LogLedger& of_log = LedgerOf(*log);
  const Offset end = InfoOf(*log).next_offset;
  const Offset before(end.value - std::min(kept, end.value));
  of_log.trim_wanted = std::max(of_log.trim_wanted, before);
  std::promise<bool> answer;
  log->Trim(before, [&](const Result<log::LogInfo>& info) { answer.set_value(info.ok()); });
  if (answer.get_future().get()) of_log.trimmed = before;
}

void ManyLogsWork::AwaitReplay() {
  Await([&](const std::vector<std::string>& journals) {
    return std::none_of(journals.begin(), journals.end(), [&](const std::string& path) {
      const Result<bool> holds = CheckJournal(files_, path);
      return holds.ok() && *holds;
    });
  });
}

void ManyLogsWork::AwaitJournal() {
  Await([](const std::vector<std::string>& journals) { return !journals.empty(); });
}

LogLedger& ManyLogsWork::LedgerOf(const log::Log& log) {
  LogLedger& of_log = ledger_.logs[log.id()];
  of_log.name = log.name();
  return of_log;
}

void ManyLogsWork::NotePut(CursorChange& change, bool holds, const Result<log::CursorPut>& put) {
  change.outcome = OutcomeOf(put.status());
  if (put.status().code() == StatusCode::kConditionFailed) {
    if (holds) ledger_.fault = "a condition is said not to hold: " + put.status().message();
    ++ledger_.failed_conditions;
  }
  if (!put.ok()) return;
  if (!holds) ledger_.fault = "a cursor is moved against its condition";
  if (put->cursor.revision <= ledger_.revision_max) ledger_.fault = "a revision came back";
  ledger_.revision_max = put->cursor.revision;
  change.revision = put->cursor.revision;
}

void ManyLogsWork::Await(const std::function<bool(const std::vector<std::string>&)>& condition) {
  const auto end = std::chrono::steady_clock::now() + patience_;
  for (;;) {
    const auto journals = ListJournals(files_, kManyLogsFolder);
    if (!journals.ok() || condition(*journals)) return;
    if (store_.Checks().front().state == log::Check::State::kFailing) return;
    if (std::chrono::steady_clock::now() > end) return;
    std::this_thread::yield();
  }
}

}  // namespace daybook::disk
