#include "metrics/family.h"

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

Family& Family::Add(const prometheus::ClientMetric::Histogram& histogram,
                    std::initializer_list<std::string_view> labels) {
  Sample(labels).histogram = histogram;
  return *this;
}

}  // namespace daybook::metrics
