// The generator's clock: nanoseconds of CLOCK_MONOTONIC.
#pragma once

#include <cstdint>
#include <ctime>

namespace daybook::bench {

inline constexpr std::int64_t kSecond = 1'000'000'000;

inline std::int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

inline std::int64_t Nanoseconds(double seconds) {
  return static_cast<std::int64_t>(seconds * static_cast<double>(kSecond));
}

}  // namespace daybook::bench
