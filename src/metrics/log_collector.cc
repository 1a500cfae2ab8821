#include <prometheus/metric_family.h>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "metrics/collectors.h"
#include "metrics/family.h"

namespace daybook::metrics {

namespace {

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

}  // namespace

Families LogCollector::Collect() const {
  store_.Find(log::kDefaultLog)->Info([last = info_](const Result<log::LogInfo>& info) {
    const MutexLock lock(last->mutex);
    if (info.ok()) last->info = *info;
  });
  std::optional<log::LogInfo> info;
  {
    const MutexLock lock(info_->mutex);
    info = info_->info;
  }
  const log::Activity activity = store_.activity();
  const auto one = [](const Metric& metric, std::uint64_t value) {
    return std::move(Family(metric).Add(static_cast<double>(value))).Take();
  };
  const auto of_default = [](const Metric& metric, std::uint64_t value) {
    return std::move(Family(metric).Add(static_cast<double>(value), {log::kDefaultLog})).Take();
  };
  Families families = {
      one(kLogAppendedRecords, activity.appended_records),
      one(kLogAppendedBytes, activity.appended_bytes),
      one(kLogReadRecords, activity.read_records),
      one(kLogReadBytes, activity.read_bytes),
  };
  if (info) {
    families.push_back(of_default(kLogFirstOffset, info->first_offset.value));
    families.push_back(of_default(kLogNextOffset, info->next_offset.value));
    families.push_back(of_default(kLogSize, info->bytes));
  }
  if (const std::optional<log::CommitStats> stats = store_.commit_stats())
    AddCommitStats(*stats, families);
  return families;
}

}  // namespace daybook::metrics
