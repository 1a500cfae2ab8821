// Deliveries: when each record's append was answered, and how long after that followers had it.
//
// The appending threads tell of answers, one following thread of deliveries, each of which may come
// before the answer was seen: it took no time then. Records are numbered by offset, from the first
// that is appended on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "load/histogram.h"

namespace daybook::bench {

class Deliveries {
 public:
  // `first`: the next offset of the log. Of records behind `records_max` nothing is told.
  Deliveries(std::uint64_t first, std::size_t records_max) : first_(first), records_(records_max) {}

  // Any thread. `body` is the answer's, `now` is in nanoseconds; an append that is not measured is
  // one whose deliveries are not.
  void OnAnswered(std::string_view body, std::int64_t now, bool is_measured);
  // The following thread.
  void OnDelivered(std::uint64_t offset, std::int64_t now);

  // Any thread: behind the last record whose append was answered.
  std::uint64_t end() const { return end_; }

  // Once all threads have ended: of measured appends.
  const Histogram& latency() const { return latency_; }
  std::uint64_t appends() const { return appends_; }
  std::uint64_t early() const { return early_; }
  std::uint64_t delivered() const { return latency_.count() + early_; }

 private:
  // Of a record: when its append was answered; before that, how many have it, below 0.
  using State = std::atomic<std::int64_t>;
  static constexpr std::int64_t kNotMeasured = 1;

  State* Find(std::uint64_t offset);

  const std::uint64_t first_;
  std::vector<State> records_;
  std::atomic<std::uint64_t> end_{0};
  std::atomic<std::uint64_t> appends_{0};
  std::atomic<std::uint64_t> early_{0};
  Histogram latency_;  // of the following thread
};

}  // namespace daybook::bench
