// Integers that must not be mistaken for each other. An Offset is a record's number in its log; a
// byte position is never one. A Timestamp is a moment in milliseconds since 1970-01-01 UTC.
#pragma once

#include <compare>
#include <cstdint>

namespace daybook {

struct Offset {
  std::uint64_t value = 0;

  constexpr Offset() = default;
  constexpr explicit Offset(std::uint64_t number) : value(number) {}

  friend constexpr auto operator<=>(Offset, Offset) = default;
  friend constexpr Offset operator+(Offset offset, std::uint64_t count) {
    return Offset(offset.value + count);
  }
  // How many records lie from `from` (inclusive) to `to` (exclusive); `from` must not be behind
  // `to`.
  friend constexpr std::uint64_t operator-(Offset to, Offset from) { return to.value - from.value; }
};

struct Timestamp {
  std::int64_t milliseconds = 0;

  constexpr Timestamp() = default;
  constexpr explicit Timestamp(std::int64_t since_epoch_ms) : milliseconds(since_epoch_ms) {}

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
};

}  // namespace daybook
