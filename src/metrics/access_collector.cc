#include <prometheus/metric_family.h>

#include <utility>

#include "metrics/collectors.h"
#include "metrics/family.h"

namespace daybook::metrics {

Families AccessCollector::Collect() const {
  Family denied(kAccessDenied);
  for (std::size_t why = 0; why < api::kDenialNames.size(); ++why)
    denied.Add(static_cast<double>(access_.stats->denials[why].value()), {api::kDenialNames[why]});
  const auto of_file = [this](const Metric& metric, auto value) {
    const double sample =
        access_.tokens != nullptr ? static_cast<double>(value(*access_.tokens)) : 0;
    return std::move(Family(metric).Add(sample)).Take();
  };
  using access::TokenFile;
  return {
      std::move(denied).Take(),
      of_file(kAccessTokens, [](const TokenFile& file) { return file.tokens(); }),
      of_file(kAccessTakenOver, [](const TokenFile& file) { return file.taken_over(); }),
      of_file(kAccessFileWrong, [](const TokenFile& file) { return file.is_wrong() ? 1 : 0; }),
  };
}

}  // namespace daybook::metrics
