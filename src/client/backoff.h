// Backoff says how long to wait before what failed is tried again: longer each time, up to a bound,
// by chance somewhat less, so that clients which failed together do not come again together; and
// not at all when that has gone on for too long. One thread uses it.
#pragma once

#include <chrono>
#include <optional>
#include <random>

namespace daybook::client {

class Backoff {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  static constexpr milliseconds kFirst{100};
  static constexpr milliseconds kLongest{3'000};

  // Without `patience` it goes on for ever.
  explicit Backoff(std::optional<milliseconds> patience) : patience_(patience) {}

  // The next failure is the first one.
  void Reset();
  // Something failed. None: it is not to be tried again, for it has failed for longer than
  // `patience` then. The server may have asked for a pause, which is kept to.
  std::optional<milliseconds> Next(Time now, milliseconds asked_for = {});
  std::optional<Time> began() const { return began_; }

 private:
  const std::optional<milliseconds> patience_;
  std::optional<Time> began_;  // failing
  milliseconds pause_ = kFirst;
  std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace daybook::client
