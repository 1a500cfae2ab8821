#include <prometheus/metric_family.h>

#include "metrics/collectors.h"
#include "metrics/family.h"

namespace daybook::metrics {

Families LogCollector::Collect() const {
  store_.Find(log::kDefaultLog)->Info([last = info_](const Result<log::LogInfo>& info) {
    const MutexLock lock(last->mutex);
    if (info.ok()) last->info = *info;
  });
  log::LogInfo info;
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
  return {
      one(kLogAppendedRecords, activity.appended_records),
      one(kLogAppendedBytes, activity.appended_bytes),
      one(kLogReadRecords, activity.read_records),
      one(kLogReadBytes, activity.read_bytes),
      of_default(kLogFirstOffset, info.first_offset.value),
      of_default(kLogNextOffset, info.next_offset.value),
      of_default(kLogSize, info.bytes),
  };
}

}  // namespace daybook::metrics
