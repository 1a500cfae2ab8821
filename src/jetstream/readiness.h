// Readiness says whether traffic ought to come here: not while NATS was out of reach for
// kCutOffTime, and again once it was in reach for kBackTime, so that a short loss sends no clients
// to others and a flapping one keeps them there. Not thread-safe.
#pragma once

#include <chrono>
#include <optional>

namespace daybook::jetstream {

class Readiness {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kCutOffTime{5'000};
  static constexpr std::chrono::milliseconds kBackTime{2'000};

  // What was seen at `now`. The first time that it is in reach it is ready at once.
  void Note(bool in_reach, Time now);

  bool ready() const { return ready_; }

 private:
  bool ready_ = false;
  bool was_ready_ = false;
  bool in_reach_ = false;
  Time since_;  // that it is so
};

}  // namespace daybook::jetstream
