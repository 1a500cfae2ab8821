// Counting without a lock: what one thread writes and any thread reads.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace daybook {

class Counter {
 public:
  // The one thread that writes.
  void Add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// The same, which any thread writes.
class SharedCounter {
 public:
  void Add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  void Subtract(std::uint64_t n = 1) { value_.fetch_sub(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

inline void AddTo(std::uint64_t& sum, const Counter& counter) { sum += counter.value(); }
inline void AddTo(std::uint64_t& sum, const SharedCounter& counter) { sum += counter.value(); }
inline void AddTo(std::uint64_t& sum, std::uint64_t count) { sum += count; }

// How many durations fell below each bound and above the one before; the last bucket has none.
// `Count` is Counter or SharedCounter where it is counted and std::uint64_t where it is read.
template <typename Count>
struct DurationHistogram {
  static constexpr std::array<std::chrono::microseconds, 17> kBounds = [] {
    std::array<std::chrono::microseconds, 17> bounds{};
    constexpr std::array kMicroseconds = {
        10,     50,     100,     250,     500,     1'000,     2'500,     5'000,     10'000,
        25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 10'000'000};
    for (std::size_t i = 0; i < bounds.size(); ++i)
      bounds[i] = std::chrono::microseconds(kMicroseconds[i]);
    return bounds;
  }();

  std::array<Count, kBounds.size() + 1> buckets{};  // not cumulative
  Count sum_ns{};

  void Observe(std::chrono::nanoseconds duration) {
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && duration > kBounds[bucket]) ++bucket;
    buckets[bucket].Add();
    sum_ns.Add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
  }
};

template <typename Count>
void AddTo(DurationHistogram<std::uint64_t>& sum, const DurationHistogram<Count>& counted) {
  for (std::size_t i = 0; i < sum.buckets.size(); ++i) AddTo(sum.buckets[i], counted.buckets[i]);
  AddTo(sum.sum_ns, counted.sum_ns);
}

}  // namespace daybook
