// Family puts one metric's samples together in the form that prometheus-cpp writes.
#pragma once

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <string_view>

#include "metrics/catalogue.h"

namespace daybook::metrics {

class Family {
 public:
  explicit Family(const Metric& metric);

  // Adds a sample of a counter or gauge; `labels` are the values of Metric::labels, in their order.
  Family& Add(double value, std::initializer_list<std::string_view> labels = {});
  // Adds a sample of a histogram.
  Family& Add(const prometheus::ClientMetric::Histogram& histogram,
              std::initializer_list<std::string_view> labels = {});

  prometheus::MetricFamily Take() && { return std::move(family_); }

 private:
  prometheus::ClientMetric& Sample(std::initializer_list<std::string_view> labels);

  const Metric& metric_;
  prometheus::MetricFamily family_;
};

}  // namespace daybook::metrics
