#include <ctime>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "engine/tasks.h"

namespace daybook::bench {
namespace {

constexpr double kSecond = 1e9;

std::int64_t Read(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

class Submission {
 public:
  Submission(log::Log& log, const EngineOptions& options)
      : log_(log),
        options_(options),
        batch_(options.batch_records,
               log::NewRecord{std::nullopt, {}, std::string(options.value_bytes, 'L')}),
        batches_max_((options.records - 1) / options.batch_records + 1) {}

  // Returns when everything is answered.
  Status Run() {
    std::vector<std::thread> submitters;
    for (int i = 0; i < options_.submitters; ++i)
      submitters.emplace_back([this] { SubmitBatches(); });
    for (std::thread& submitter : submitters) submitter.join();
    const MutexLock lock(mutex_);
    while (in_flight_ > 0) changed_.Wait(mutex_);
    return failure_;
  }

  const StopWatch& watch() const { return watch_; }
  std::uint64_t answered() {
    const MutexLock lock(mutex_);
    return answered_;
  }

 private:
  void SubmitBatches() {
    for (log::Batch batch = batch_; Begin(); batch = batch_) {
      log_.Append(std::move(batch),
                  [this](const Result<log::Appended>& appended) { End(appended.status()); });
    }
  }

  // Waits until one more may be in flight. False: it was the last.
  bool Begin() {
    const MutexLock lock(mutex_);
    while (in_flight_ == options_.in_flight) changed_.Wait(mutex_);
    if (!failure_.ok() || begun_ == batches_max_ || watch_.seconds() >= options_.seconds)
      return false;
    ++begun_;
    ++in_flight_;
    return true;
  }

  void End(const Status& status) {
    const MutexLock lock(mutex_);
    --in_flight_;
    ++answered_;
    if (failure_.ok()) failure_ = status;
    changed_.NotifyAll();
  }

  log::Log& log_;
  const EngineOptions& options_;
  const log::Batch batch_;
  const std::uint64_t batches_max_;
  const StopWatch watch_;
  Mutex mutex_;
  CondVar changed_;
  int in_flight_ GUARDED_BY(mutex_) = 0;
  std::uint64_t begun_ GUARDED_BY(mutex_) = 0;
  std::uint64_t answered_ GUARDED_BY(mutex_) = 0;
  Status failure_ GUARDED_BY(mutex_);
};

std::uint64_t GroupsIn(const log::CommitStats& stats) {
  return std::accumulate(stats.groups.begin(), stats.groups.end(), std::uint64_t{0});
}

}  // namespace

StopWatch::StopWatch()
    : began_(Read(CLOCK_MONOTONIC)), cpu_began_(Read(CLOCK_PROCESS_CPUTIME_ID)) {}

double StopWatch::seconds() const {
  return static_cast<double>(Read(CLOCK_MONOTONIC) - began_) / kSecond;
}

double StopWatch::cpu_seconds() const {
  return static_cast<double>(Read(CLOCK_PROCESS_CPUTIME_ID) - cpu_began_) / kSecond;
}

Result<EngineWork> AppendBatches(log::LogStore& store, const EngineOptions& options) {
  const auto before = store.commit_stats();
  Submission submission(**log::FindAndWait(store, log::kDefaultLog), options);
  if (Status status = submission.Run(); !status.ok()) return status;
  const auto after = store.commit_stats();
  EngineWork work;
  work.seconds = submission.watch().seconds();
  work.cpu_seconds = submission.watch().cpu_seconds();
  work.calls = submission.answered();
  work.records = work.calls * options.batch_records;
  work.bytes = after->segment_bytes - before->segment_bytes;
  work.groups = GroupsIn(*after) - GroupsIn(*before);
  return work;
}

}  // namespace daybook::bench
