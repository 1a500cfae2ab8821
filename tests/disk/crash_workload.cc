#include "disk/crash_workload.h"

#include <future>

namespace daybook::disk {
namespace {

constexpr int kAppendsPerStart = 14;

void Append(log::Log& log, const std::string& value, log::AppendDone done) {
  log::Batch batch(1);
  batch.front().value = value;
  log.Append(std::move(batch), std::move(done));
}

// Leaves no room.
void FillUp(test::SimulatedFileSystem& files) {
  constexpr std::uint64_t kCapacityBytes = 1ULL << 40;
  files.SetCapacity(kCapacityBytes);
  const Result<std::uint64_t> free_bytes = files.FreeBytes("/");
  if (free_bytes.ok()) files.SetCapacity(kCapacityBytes - *free_bytes);
}

void Note(Submission& submission, const Result<log::Appended>& appended) {
  if (appended.ok()) {
    submission.outcome = Submission::Outcome::kAcknowledged;
    submission.offset = appended->first_offset;
  } else if (appended.status().code() != StatusCode::kUnknownOutcome) {
    submission.outcome = Submission::Outcome::kRefused;
  }
}

// Appends the first value, and the others from within its answer, so that they are one group.
void Submit(log::Log& log, const std::vector<std::string>& values, Ledger& ledger) {
  const std::size_t first = ledger.size();
  for (const std::string& value : values) ledger.push_back({value, {}, {}});
  std::vector<std::promise<Result<log::Appended>>> answers(values.size());
  Append(log, values.front(), [&](Result<log::Appended> appended) {
    for (std::size_t i = 1; i < values.size(); ++i) {
      Append(log, values[i],
             [&, i](Result<log::Appended> other) { answers[i].set_value(std::move(other)); });
    }
    answers.front().set_value(std::move(appended));
  });
  for (std::size_t i = 0; i < values.size(); ++i)
    Note(ledger[first + i], answers[i].get_future().get());
}

std::string Describe(const Submission& submission) {
  return "'" + submission.value.substr(0, submission.value.find('/')) + "'";
}

// `values` are the log's, from offset 0 on.
std::string Compare(const std::vector<std::string>& values, Ledger& ledger) {
  std::size_t next = 0;
  for (Submission& submission : ledger) {
    const bool there = next < values.size() && values[next] == submission.value;
    if (submission.outcome == Submission::Outcome::kAcknowledged &&
        (!there || submission.offset != Offset(next))) {
      return Describe(submission) + " was acknowledged or seen as offset " +
             std::to_string(submission.offset.value) + " and is not there; there are " +
             std::to_string(values.size()) + " records";
    }
    if (submission.outcome == Submission::Outcome::kRefused && there)
      return Describe(submission) + " was refused or not seen, and is there";
    submission.outcome = there ? Submission::Outcome::kAcknowledged : Submission::Outcome::kRefused;
    submission.offset = Offset(next);
    if (there) ++next;
  }
  if (next != values.size()) return "a record is there that nobody appended, or in another order";
  return {};
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
    const Status status = WithStore(files, [&](DiskLogStore& store) {
      log::Log& log = *store.Find(log::kDefaultLog);
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
      }
    });
    files.SetCapacity(UINT64_MAX);
    if (!status.ok()) return;
  }
}

std::string CheckAfterwards(FileSystem& files, Ledger& ledger) {
  std::string fault;
  const Status status = WithStore(files, [&](DiskLogStore& store) {
    log::Log& log = *store.Find(log::kDefaultLog);
    Result<log::Page> page = log::Page();
    log.Read(Offset(0), {UINT64_MAX, UINT64_MAX},
             [&](Result<log::Page> read) { page = std::move(read); });
    if (!page.ok()) {
      fault = "it cannot be read: " + page.status().message();
      return;
    }
    std::vector<std::string> values;
    for (const log::RecordView& record : page->records) values.emplace_back(record.value);
    fault = Compare(values, ledger);
    if (!fault.empty()) return;
    Submit(log, {"afterwards " + std::to_string(ledger.size()) + "/"}, ledger);
    const Submission& last = ledger.back();
    if (last.outcome != Submission::Outcome::kAcknowledged) {
      fault = "an append fails";
    } else if (last.offset != Offset(values.size())) {
      fault = "the next append gets offset " + std::to_string(last.offset.value) + ", not " +
              std::to_string(values.size());
    }
  });
  return status.ok() ? fault : "it does not start: " + status.message();
}

}  // namespace daybook::disk
