#include "metrics/family.h"

#include <array>
#include <limits>
#include <string>

#include "base/check.h"

namespace daybook::metrics {

Family::Family(const Metric& metric) : metric_(metric) {
  family_.name = metric.name;
  family_.help = metric.help;
  family_.type = metric.type;
}

prometheus::ClientMetric& Family::Sample(std::initializer_list<std::string_view> labels) {
  prometheus::ClientMetric& sample = family_.metric.emplace_back();
  std::size_t i = 0;
  for (const std::string_view value : labels) {
    CHECK(i < metric_.labels.size() && !metric_.labels[i].empty(), "a label has no name");
    sample.label.push_back({std::string(metric_.labels[i]), std::string(value)});
    ++i;
  }
  CHECK(i == metric_.labels.size() || metric_.labels[i].empty(), "a label has no value");
  return sample;
}

Family& Family::Add(double value, std::initializer_list<std::string_view> labels) {
  prometheus::ClientMetric& sample = Sample(labels);
  (metric_.type == kCounter ? sample.counter.value : sample.gauge.value) = value;
  return *this;
}

Family& Family::Add(const DurationHistogram<std::uint64_t>& histogram,
                    std::initializer_list<std::string_view> labels) {
  constexpr auto& kBounds = DurationHistogram<std::uint64_t>::kBounds;
  std::array<double, kBounds.size()> seconds;
  for (std::size_t i = 0; i < seconds.size(); ++i)
    seconds[i] = static_cast<double>(kBounds[i].count()) / 1e6;
  return Add(histogram.buckets, seconds, static_cast<double>(histogram.sum_ns) / 1e9, labels);
}

Family& Family::Add(std::span<const std::uint64_t> counts, std::span<const double> bounds,
                    double sum, std::initializer_list<std::string_view> labels) {
  CHECK(counts.size() == bounds.size() + 1, "a histogram has one count more than bounds");
  prometheus::ClientMetric::Histogram& histogram = Sample(labels).histogram;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    histogram.sample_count += counts[i];
    const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_sum = sum;
  return *this;
}

}  // namespace daybook::metrics
