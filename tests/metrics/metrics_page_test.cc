#include <gtest/gtest.h>

#include <string>

#include "metrics/catalogue.h"
#include "support/document.h"

namespace daybook::metrics {
namespace {

constexpr const char* kIntroduction = R"(# Metrics

<!-- Made from the catalogue by `make docs`. -->

`GET /metrics` answers in Prometheus' text format 0.0.4, also while the server stops; with `--metrics-address` it does so on
that address and only there. No label takes its value from what a client sends, but for the names of logs and cursors, and
what any client can bring about is there from the start as 0: requests have at most one series for each route, each of seven
methods (one of them `other`) and each status code that the server knows.

`--metrics-logs` logs have series of their own: `default`, and the first of the others by name; and `--metrics-cursors` of their
cursors: those of `default`, and the first of the others by log and name. What an engine does not know at once is told at the next
scrape.

| metric | type | labels | what it tells |
|---|---|---|---|
)";

TEST(MetricsPage, IsMadeFromTheCatalogue) {
  std::string page = kIntroduction;
  for (const Metric* metric : kAllMetrics) {
    std::string labels;
    for (const std::string_view label : metric->labels) {
      if (!label.empty()) labels.append(labels.empty() ? "" : ", ").append(label);
    }
    const char* type = metric->type == kCounter ? "counter"
                       : metric->type == kGauge ? "gauge"
                                                : "histogram";
    page.append("| `").append(metric->name).append("` | ").append(type).append(" | ");
    page.append(labels).append(" | ").append(metric->help).append(" |\n");
  }
  test::ExpectDocument("metrics.md", page);
}

}  // namespace
}  // namespace daybook::metrics
