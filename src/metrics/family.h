// Family puts one metric's samples together in the form that prometheus-cpp writes.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/counters.h"
#include "metrics/catalogue.h"

namespace daybook::metrics {

class Family {
 public:
  explicit Family(const Metric& metric);

  // Adds a sample of a counter or gauge; `labels` are the values of Metric::labels, in their order.
  Family& Add(double value, std::initializer_list<std::string_view> labels = {});
  // Adds a sample of a histogram.
  Family& Add(const DurationHistogram<std::uint64_t>& histogram,
              std::initializer_list<std::string_view> labels = {});
  // The same, of counts below each bound; `counts` has one more than `bounds`.
  Family& Add(std::span<const std::uint64_t> counts, std::span<const double> bounds, double sum,
              std::initializer_list<std::string_view> labels = {});

  prometheus::MetricFamily Take() && { return std::move(family_); }

 private:
  prometheus::ClientMetric& Sample(std::initializer_list<std::string_view> labels);

  const Metric& metric_;
  prometheus::MetricFamily family_;
};

}  // namespace daybook::metrics
