#include <prometheus/metric_family.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "metrics/collectors.h"
#include "metrics/family.h"

namespace daybook::metrics {

using LogHandle = std::shared_ptr<log::Log>;

namespace {

// A log with series of its own; of what was not told yet there is none.
struct Sample {
  std::string name;
  log::LogId id;
  std::optional<log::LogInfo> info;
  std::optional<std::vector<log::Cursor>> cursors;
};

// `default`, and the first by name.
std::vector<LogHandle> WithSeries(const std::vector<LogHandle>& logs, std::uint64_t logs_max) {
  std::vector<LogHandle> shown;
  const auto default_log = std::find_if(logs.begin(), logs.end(), [](const LogHandle& log) {
    return log->name() == log::kDefaultLog;
  });
  if (default_log != logs.end()) shown.push_back(*default_log);
  for (const LogHandle& log : logs) {
    if (shown.size() >= logs_max) break;
    if (log->name() != log::kDefaultLog) shown.push_back(log);
  }
  return shown;
}

void AddCommitStats(const log::CommitStats& stats, Families& families) {
  const auto one = [&](const Metric& metric, double value) {
    families.push_back(std::move(Family(metric).Add(value)).Take());
  };
  constexpr auto& kBounds = log::CommitStats::kGroupBounds;
  const std::vector<double> bounds(kBounds.begin(), kBounds.end());
  families.push_back(
      std::move(Family(kCommitGroups)
                    .Add(stats.groups, bounds, static_cast<double>(stats.grouped_appends)))
          .Take());
  families.push_back(std::move(Family(kCommitSyncs).Add(stats.syncs)).Take());
  families.push_back(std::move(Family(kCommitAppends).Add(stats.appends)).Take());
  one(kCommitQueued, static_cast<double>(stats.queued_appends));
  one(kCommitRunning, std::chrono::duration<double>(stats.running).count());
  one(kDiskSegments, static_cast<double>(stats.segments));
  one(kDiskSegmentBytes, static_cast<double>(stats.segment_bytes));
  one(kDiskFreeBytes, static_cast<double>(stats.free_bytes));
  one(kScrubBytes, static_cast<double>(stats.scrubbed_bytes));
  one(kScrubPasses, static_cast<double>(stats.scrub_passes));
  one(kScrubDamages, static_cast<double>(stats.scrub_damages));
  one(kRecoveryDuration, std::chrono::duration<double>(stats.recovery_duration).count());
  one(kRecoveryScanned, static_cast<double>(stats.recovery_scanned_bytes));
  one(kRecoveryCut, static_cast<double>(stats.recovery_cut_bytes));
  one(kRecoveryRewritten, static_cast<double>(stats.recovery_rewritten_bytes));
}

void AddReplicationStats(const log::ReplicationStats& stats, Families& families) {
  const auto one = [&](const Metric& metric, double value) {
    families.push_back(std::move(Family(metric).Add(value)).Take());
  };
  families.push_back(std::move(Family(kReplicationPublishes).Add(stats.publishes)).Take());
  one(kReplicationRetries, static_cast<double>(stats.publish_retries));
  Family errors(kReplicationErrors);
  for (const auto& [kind, count] : stats.errors) errors.Add(static_cast<double>(count), {kind});
  families.push_back(std::move(errors).Take());
  one(kReplicationInFlight, static_cast<double>(stats.in_flight_records));
  one(kReplicationWaiting, static_cast<double>(stats.waiting_appends));
  one(kReplicationMissing, static_cast<double>(stats.missing_records));
  one(kReplicationConnected, stats.connected ? 1 : 0);
  one(kReplicationReconnects, static_cast<double>(stats.reconnects));
  one(kReplicationTimeouts, static_cast<double>(stats.timeouts));
  one(kReplicationLag, static_cast<double>(stats.replica_lag));
}

Families LogFamilies(const std::vector<Sample>& samples) {
  Family first(kLogFirstOffset);
  Family next(kLogNextOffset);
  Family size(kLogSize);
  Family cursors(kLogCursors);
  for (const Sample& sample : samples) {
    if (sample.info) {
      first.Add(static_cast<double>(sample.info->first_offset.value), {sample.name});
      next.Add(static_cast<double>(sample.info->next_offset.value), {sample.name});
      size.Add(static_cast<double>(sample.info->bytes), {sample.name});
    }
    if (sample.cursors) cursors.Add(static_cast<double>(sample.cursors->size()), {sample.name});
  }
  return {std::move(first).Take(), std::move(next).Take(), std::move(size).Take(),
          std::move(cursors).Take()};
}

Families CursorFamilies(const std::vector<Sample>& samples, std::uint64_t cursors_max) {
  Family offset(kCursorOffset);
  Family lag(kCursorLag);
  std::uint64_t cursors = 0;
  for (const Sample& sample : samples) {
    if (!sample.info || !sample.cursors) continue;
    for (const log::Cursor& cursor : *sample.cursors) {
      if (++cursors > cursors_max) continue;
      const Offset end = std::max(sample.info->next_offset, cursor.offset);
      offset.Add(static_cast<double>(cursor.offset.value), {sample.name, cursor.name});
      lag.Add(static_cast<double>(end - cursor.offset), {sample.name, cursor.name});
    }
  }
  const double left_out = static_cast<double>(cursors - std::min(cursors, cursors_max));
  return {std::move(offset).Take(), std::move(lag).Take(),
          std::move(Family(kCursorsWithoutSeries).Add(left_out)).Take()};
}

}  // namespace

struct LogCollector::Last {
  // The logs that there are now; what was told of those before is kept.
  void Take(std::size_t all, const std::vector<LogHandle>& shown) {
    const MutexLock lock(mutex);
    logs = all;
    std::unordered_map<std::string, Sample> before;
    for (Sample& sample : samples) {
      std::string name = sample.name;
      before.emplace(std::move(name), std::move(sample));
    }
    samples.clear();
    for (const LogHandle& log : shown) {
      Sample& sample = samples.emplace_back(Sample{log->name(), log->id(), {}, {}});
      const auto same = before.find(sample.name);
      if (same != before.end() && same->second.id == sample.id) sample = std::move(same->second);
    }
  }
  // Of the log that had that place.
  template <typename Told>
  void Set(std::size_t place, const log::LogId& id, std::optional<Told> Sample::*member,
           const Result<Told>& told) {
    const MutexLock lock(mutex);
    if (told.ok() && place < samples.size() && samples[place].id == id)
      samples[place].*member = *told;
  }

  Mutex mutex;
  std::size_t logs GUARDED_BY(mutex) = 0;
  std::vector<Sample> samples GUARDED_BY(mutex);
};

LogCollector::LogCollector(log::LogStore& store, const SeriesLimits& limits)
    : store_(store), limits_(limits), last_(std::make_shared<Last>()) {}

LogCollector::~LogCollector() = default;

Families LogCollector::Collect() const {
  store_.List("", "", SIZE_MAX,
              [last = last_, max = limits_.logs_max](const Result<std::vector<LogHandle>>& logs) {
                if (!logs.ok()) return;
                const std::vector<LogHandle> shown = WithSeries(*logs, max);
                last->Take(logs->size(), shown);
                for (std::size_t i = 0; i < shown.size(); ++i) {
                  const log::LogId id = shown[i]->id();
                  shown[i]->Info([last, i, id](const Result<log::LogInfo>& info) {
                    last->Set(i, id, &Sample::info, info);
                  });
                  shown[i]->Cursors([last, i, id](const Result<std::vector<log::Cursor>>& cursors) {
                    last->Set(i, id, &Sample::cursors, cursors);
                  });
                }
              });
  std::vector<Sample> samples;
  std::size_t logs = 0;
  {
    const MutexLock lock(last_->mutex);
    samples = last_->samples;
    logs = last_->logs;
  }
  const log::Activity activity = store_.activity();
  const auto one = [](const Metric& metric, std::uint64_t value) {
    return std::move(Family(metric).Add(static_cast<double>(value))).Take();
  };
  Families families = {
      one(kLogAppendedRecords, activity.appended_records),
      one(kLogAppendedBytes, activity.appended_bytes),
      one(kLogReadRecords, activity.read_records),
      one(kLogReadBytes, activity.read_bytes),
      one(kLogs, logs),
      one(kLogsWithoutSeries, logs - samples.size()),
  };
  const auto add = [&](Families more) {
    std::move(more.begin(), more.end(), std::back_inserter(families));
  };
  add(LogFamilies(samples));
  add(CursorFamilies(samples, limits_.cursors_max));
  if (const std::optional<log::CommitStats> stats = store_.commit_stats())
    AddCommitStats(*stats, families);
  if (const std::optional<log::ReplicationStats> stats = store_.replication_stats())
    AddReplicationStats(*stats, families);
  return families;
}

}  // namespace daybook::metrics
