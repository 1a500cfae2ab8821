// Exact retries: what a log remembers of the appends that came with an idempotency key.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/status.h"
#include "base/types.h"
#include "log/record.h"

namespace daybook::log {

inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;

// An append's key is remembered until it was used that long ago, or so many newer ones were.
struct IdempotencyLimits {
  std::chrono::milliseconds window{3'600'000};
  std::uint64_t keys_max = 100'000;

  friend bool operator==(const IdempotencyLimits&, const IdempotencyLimits&) = default;
};

// Of a batch: what its records hold, and in which order.
using BatchDigest = std::array<char, 16>;
BatchDigest DigestOf(const Batch& batch);

struct Appended {
  Offset first_offset;
  Offset next_offset;  // one behind the batch's last record
  Timestamp timestamp;
  bool replayed = false;  // an earlier append with the same key did it
};

// An append that had a key.
struct KeyedAppend {
  std::string key;
  BatchDigest digest{};
  Offset first_offset;
  Offset next_offset;
  Timestamp timestamp;
};

// The keys of a log that are remembered. Not thread-safe.
class IdempotencyWindow {
 public:
  explicit IdempotencyWindow(const IdempotencyLimits& limits) : limits_(limits) {}

  const IdempotencyLimits& limits() const { return limits_; }

  // What an append with that key gets if its key was used before; none: it is new. kKeyReused: it
  // was, for other records. `now` does not fall from call to call.
  std::optional<Result<Appended>> Replay(std::string_view key, const BatchDigest& digest,
                                         Timestamp now);
  // `append` is the newest; what its key was used for before is forgotten.
  void Add(KeyedAppend append);

  // From the oldest to the newest.
  const std::deque<KeyedAppend>& appends() const { return appends_; }

 private:
  void Forget(Timestamp now);
  void ForgetOldest();

  const IdempotencyLimits limits_;
  std::deque<KeyedAppend> appends_;  // which do not move, so that the views into them hold
  std::unordered_map<std::string_view, const KeyedAppend*> by_key_;
};

}  // namespace daybook::log
