// Appends that were submitted to a log, what they were answered, and how that compares with what a
// later start shows: what the workloads of the crash tests have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "disk/disk_store.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {

// What became of each append, in the order in which they were submitted.
struct Submission {
  enum class Outcome { kUnknown, kAcknowledged, kRefused };

  std::string value;
  Outcome outcome = Outcome::kUnknown;
  Offset offset;  // of one that was acknowledged
};

using Values = std::vector<std::string>;

// The idempotency key is what the value begins with, up to the first '/'.
void AppendKeyed(log::Log& log, const std::string& value, log::AppendDone done);
void Note(Submission& submission, const Result<log::Appended>& appended);

log::LogInfo InfoOf(log::Log& log);
// Of all records from `first` on.
Result<Values> ValuesOf(log::Log& log, Offset first);

// What is wrong with `values`, which are the log's from offset `first` on; "" when nothing is. What
// is seen must be there ever after, and what is not never again: `submissions` are brought up to
// that.
std::string Compare(Offset first, const Values& values, std::vector<Submission>& submissions);
// What is wrong with the answers to retries of what was acknowledged, which may be trimmed.
std::string Retry(log::Log& log, const std::vector<Submission>& submissions);

// Asks something, and calls what it is given when it has noted the answer.
using Answered = std::function<void()>;
using Ask = std::function<void(Answered)>;
// Asks the others from within the answer to the first, so that they are one group. Returns when all
// are answered.
void AskTogether(const std::vector<Ask>& asks);

// Leaves no room.
void FillUp(test::SimulatedFileSystem& files);

// Opens the store in that folder and runs `use` with it, unless it cannot be opened or does not
// come through its recovery. Returns the reason why not.
template <typename Use>
Status WithStore(FileSystem& files, const std::string& folder, const DiskLogOptions& options,
                 Use use) {
  Mutex mutex;
  Status failure;  // of the recovery, or at any time later
  auto opened =
      DiskLogStore::Open(files, Clock::System(), folder, options, [&](const Status& status) {
        const MutexLock lock(mutex);
        failure = status;
      });
  if (!opened.ok()) return opened.status();
  (*opened)->AwaitRecovery();
  const auto has_failed = [&] {
    const MutexLock lock(mutex);
    return !failure.ok();
  };
  // A failure may be on its way to be told.
  const bool serves = (*opened)->Checks().front().state != log::Check::State::kFailing;
  if (serves && !has_failed()) use(**opened);
  opened->reset();
  return failure;
}

}  // namespace daybook::disk
