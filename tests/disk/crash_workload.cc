#include "disk/crash_workload.h"

#include <algorithm>
#include <future>

#include "disk/backup.h"
#include "support/find_log.h"

namespace daybook::disk {
namespace {

constexpr int kAppendsPerStart = 14;
constexpr const char* kDataFolder = "/data";
constexpr const char* kBackupFolder = "/backup";
constexpr const char* kRestoredFolder = "/restored";

// Appends the first value, and the others from within its answer, so that they are one group.
void Submit(log::Log& log, const std::vector<std::string>& values, Ledger& ledger) {
  std::vector<Submission>& submissions = ledger.submissions;
  const std::size_t first = submissions.size();
  for (const std::string& value : values) submissions.push_back({value, {}, {}});
  std::vector<std::promise<Result<log::Appended>>> answers(values.size());
  AppendKeyed(log, values.front(), [&](Result<log::Appended> appended) {
    for (std::size_t i = 1; i < values.size(); ++i) {
      AppendKeyed(log, values[i],
                  [&, i](Result<log::Appended> other) { answers[i].set_value(std::move(other)); });
    }
    answers.front().set_value(std::move(appended));
  });
  for (std::size_t i = 0; i < values.size(); ++i)
    Note(submissions[first + i], answers[i].get_future().get());
}

template <typename Change>
bool Wait(Change change) {
  std::promise<bool> answer;
  change([&](const Result<log::LogInfo>& info) { answer.set_value(info.ok()); });
  return answer.get_future().get();
}

// Trims all but the last `kept` records.
void Trim(log::Log& log, std::uint64_t kept, Ledger& ledger) {
  const Offset before(InfoOf(log).next_offset.value - kept);
  ledger.trim_wanted = std::max(ledger.trim_wanted, before);
  if (!Wait([&](log::InfoDone done) { log.Trim(before, std::move(done)); })) return;
  ledger.trimmed = std::max(ledger.trimmed, before);
  ++ledger.trims;
}

void KeepBytes(log::Log& log, std::uint64_t max_bytes, Ledger& ledger) {
  log::RetentionChange change;
  change.max_bytes = max_bytes;
  ledger.retention_bytes_max = std::min(ledger.retention_bytes_max, max_bytes);
  (void)Wait([&](log::InfoDone done) { log.Configure(change, std::move(done)); });
}

// Appends each time that it reads something, so that the log rolls meanwhile.
void BackUp(FileSystem& files, log::Log& log, Ledger& ledger) {
  CopyOptions options;
  int number = 0;
  options.on_progress = [&](CopyPhase, std::uint64_t) {
    Submit(log, {"meanwhile " + std::to_string(number++) + "/" + std::string(12'000, 'v')}, ledger);
  };
  ledger.backup = {ledger.submissions.size(), InfoOf(log).first_offset, {}};
  const auto copies = Backup(files, kDataFolder, kBackupFolder, options);
  BackedUp& backup = *ledger.backup;
  backup.first_offset_most = std::max(InfoOf(log).first_offset, ledger.trim_wanted);
  backup.done = copies.ok();
  if (copies.ok()) backup.linked_bytes = copies->back().linked_bytes;
}

// What happens beside the appends, of which this is one.
void Keep(FileSystem& files, DiskLogStore& store, int start, int i, Ledger& ledger) {
  log::Log& log = *test::FindLog(store);
  if (start == 0 && i == 7) BackUp(files, log, ledger);
  if (start == 0 && i == 5) Trim(log, 2, ledger);
  if (start == 0 && i == 8) Trim(log, 0, ledger);
  if (start == 1 && i == 0) KeepBytes(log, 48 << 10, ledger);
  if (start == 1 && i == 12) KeepBytes(log, 40 << 10, ledger);
  store.AwaitHousekeeping();
  const Offset first = InfoOf(log).first_offset;
  if (first > std::max(ledger.trimmed, ledger.trim_wanted)) ++ledger.retentions;
  ledger.trimmed = first;
}

std::string CheckFirst(Offset first, const Values& values, Ledger& ledger) {
  if (first < ledger.trimmed) return "what was trimmed came back";
  ledger.trimmed = first;
  std::uint64_t kept_bytes = 0;
  for (const std::string& value : values) kept_bytes += value.size();
  // A segment goes as a whole, and each has a header.
  const std::uint64_t kept_bytes_most = kept_bytes + CrashOptions().segment_bytes_max + (12 << 10);
  if (first > ledger.trim_wanted && kept_bytes_most < ledger.retention_bytes_max)
    return "more is gone than was to go";
  return {};
}

// `ledger` loses what came too late for the backup.
std::string CompareBackup(Offset first, const Values& values, const BackedUp& backup,
                          Ledger& ledger) {
  if (first < backup.first_offset_least || first > backup.first_offset_most)
    return "it begins with offset " + std::to_string(first.value);
  for (std::size_t i = backup.submissions_before; i < ledger.submissions.size(); ++i) {
    Submission& submission = ledger.submissions[i];
    if (submission.outcome == Submission::Outcome::kAcknowledged &&
        submission.offset >= first + values.size()) {
      submission.outcome = Submission::Outcome::kRefused;
    }
  }
  return Compare(first, values, ledger.submissions);
}

// What `compare` finds wrong with the log's records, from its first offset on, or what is with an
// append to it.
template <typename Compare>
std::string CheckStore(FileSystem& files, const std::string& folder, Ledger& ledger,
                       Compare compare) {
  std::string fault;
  const Status status = WithStore(files, folder, CrashOptions(), [&](DiskLogStore& store) {
    log::Log& log = *test::FindLog(store);
    const Offset first = InfoOf(log).first_offset;
    const Result<Values> values = ValuesOf(log, first);
    if (!values.ok()) {
      fault = "it cannot be read: " + values.status().message();
      return;
    }
    fault = compare(first, *values);
    if (fault.empty()) fault = Retry(log, ledger.submissions);
    if (!fault.empty()) return;
    Submit(log, {"afterwards " + std::to_string(ledger.submissions.size()) + "/"}, ledger);
    const Submission& last = ledger.submissions.back();
    if (last.outcome != Submission::Outcome::kAcknowledged) {
      fault = "an append fails";
    } else if (last.offset != first + values->size()) {
      fault = "the next append gets offset " + std::to_string(last.offset.value) + ", not " +
              std::to_string(first.value + values->size());
    }
  });
  return status.ok() ? fault : "it does not start: " + status.message();
}

}  // namespace

DiskLogOptions CrashOptions() {
  DiskLogOptions options;
  options.segment_bytes_max = 24 << 10;
  return options;
}

void RunWorkload(test::SimulatedFileSystem& files, int starts, Ledger& ledger) {
  constexpr std::size_t kSizes[] = {10, 3000, 500, 1, 9000, 700, 4096};
  int number = 0;
  for (int start = 0; start < starts; ++start) {
    const Status status = WithStore(files, kDataFolder, CrashOptions(), [&](DiskLogStore& store) {
      log::Log& log = *test::FindLog(store);
      for (int i = 0; i < kAppendsPerStart; ++i) {
        // The disk fills up, and has room again.
        if (start % 4 == 1 && i == 2) FillUp(files);
        if (start % 4 == 1 && i == 12) files.SetCapacity(UINT64_MAX);
        std::vector<std::string> values;
        for (int together = i % 3 == 0 ? 4 : 1; together > 0; --together) {
          const std::size_t bytes = kSizes[static_cast<std::size_t>(number) % std::size(kSizes)];
          values.push_back(std::to_string(number++) + "/" + std::string(bytes, 'v'));
        }
        Submit(log, values, ledger);
        Keep(files, store, start, i, ledger);
      }
    });
    files.SetCapacity(UINT64_MAX);
    if (!status.ok()) return;
  }
}

std::string CheckAfterwards(FileSystem& files, Ledger& ledger) {
  return CheckStore(files, kDataFolder, ledger, [&](Offset first, const Values& values) {
    std::string fault = CheckFirst(first, values, ledger);
    return fault.empty() ? Compare(first, values, ledger.submissions) : fault;
  });
}

std::string CheckBackup(const test::SimulatedFileSystem& files, const Ledger& ledger) {
  if (!ledger.backup) return {};
  const auto copy = files.Clone();
  const auto restored = Restore(*copy, kBackupFolder, kRestoredFolder);
  if (!restored.ok()) {
    return ledger.backup->done ? "it cannot be restored: " + restored.status().message() : "";
  }
  Ledger of_backup = ledger;
  return CheckStore(*copy, kRestoredFolder, of_backup, [&](Offset first, const Values& values) {
    return CompareBackup(first, values, *ledger.backup, of_backup);
  });
}

}  // namespace daybook::disk
