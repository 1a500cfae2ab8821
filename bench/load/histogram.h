// Histogram: how many durations fell where, in constant memory and within 0.4 % of each.
//
// Every power of two is divided into 128 buckets of equal width, so that a bucket is at most 1/128
// of its values wide, and a quantile is told as the middle of its bucket. Below 128 ns each
// nanosecond has its own. A value; one thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace daybook::bench {

class Histogram {
 public:
  // Durations are clamped to this, some 18 minutes.
  static constexpr std::uint64_t kNanosecondsMax = (std::uint64_t{1} << 40) - 1;

  void Add(std::int64_t nanoseconds) {
    const std::uint64_t value = std::min(
        static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0)), kNanosecondsMax);
    ++buckets_[BucketOf(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  void Merge(const Histogram& other) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  // The duration that `share` (0 to 1) of all do not exceed; 0 where there are none.
  std::uint64_t Quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > 0 && seen >= wanted) return std::min(MiddleOf(i), max_);
    }
    return 0;
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }

 private:
  static constexpr int kSplitBits = 7;
  static constexpr std::size_t kSplit = std::size_t{1} << kSplitBits;
  static constexpr std::size_t kBuckets = (40 - kSplitBits + 1) * kSplit;

  static std::size_t BucketOf(std::uint64_t value) {
    if (value < kSplit) return value;
    const int shift = std::bit_width(value) - kSplitBits - 1;
    return static_cast<std::size_t>(shift) * kSplit + (value >> shift);
  }

  static std::uint64_t MiddleOf(std::size_t bucket) {
    if (bucket < 2 * kSplit) return bucket;
    const std::size_t shift = bucket / kSplit - 1;
    return ((bucket - shift * kSplit) << shift) + (std::uint64_t{1} << shift) / 2;
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace daybook::bench
