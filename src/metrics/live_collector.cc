#include <prometheus/metric_family.h>

#include <utility>

#include "metrics/collectors.h"
#include "metrics/family.h"

namespace daybook::metrics {
namespace {

prometheus::MetricFamily Of(const Metric& metric, const SharedCounter& counter) {
  return std::move(Family(metric).Add(static_cast<double>(counter.value()))).Take();
}

}  // namespace

Families LiveCollector::Collect() const {
  Family ends(kLiveEnds);
  for (std::size_t why = 0; why < api::kFollowEndNames.size(); ++why)
    ends.Add(static_cast<double>(stats_->ends[why].value()), {api::kFollowEndNames[why]});
  DurationHistogram<std::uint64_t> delays;
  AddTo(delays, stats_->delays);
  return {
      Of(kLiveWaits, stats_->waits),
      Of(kLiveFollowers, stats_->followers),
      std::move(ends).Take(),
      Of(kLiveRecords, stats_->followed_records),
      std::move(Family(kLiveDelay).Add(delays)).Take(),
  };
}

}  // namespace daybook::metrics
