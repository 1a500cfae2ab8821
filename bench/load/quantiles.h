// What a histogram says, as the generator and the sync loop print it.
#pragma once

#include <cstdint>
#include <cstdio>

#include "load/histogram.h"

namespace daybook::bench {

inline double Microseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000;
}

// A member of a JSON object, without a comma.
inline void PrintQuantiles(const char* name, const Histogram& histogram) {
  std::printf("\"%s\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}", name,
              Microseconds(histogram.Quantile(0.5)), Microseconds(histogram.Quantile(0.9)),
              Microseconds(histogram.Quantile(0.99)), Microseconds(histogram.Quantile(0.999)),
              Microseconds(histogram.max()));
}

}  // namespace daybook::bench
