#include "base/units.h"

#include <array>
#include <charconv>
#include <limits>

namespace daybook {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// From the largest down.
constexpr std::array kDurationUnits = {Unit{"d", 86'400'000}, Unit{"h", 3'600'000},
                                       Unit{"m", 60'000}, Unit{"s", 1'000}, Unit{"ms", 1}};
constexpr std::array kSizeUnits = {Unit{"Ti", 1ULL << 40}, Unit{"Gi", 1ULL << 30},
                                   Unit{"Mi", 1ULL << 20}, Unit{"Ki", 1ULL << 10}, Unit{"", 1}};

template <typename Units>
std::optional<std::uint64_t> Parse(std::string_view text, const Units& units) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : units) {
    if (text != unit.name) continue;
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit.factor)
      return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

template <typename Units>
std::string Format(std::uint64_t number, const Units& units) {
  for (const Unit& unit : units) {
    const bool whole = number % unit.factor == 0 && (number != 0 || &unit == &units.back());
    if (whole) return std::to_string(number / unit.factor).append(unit.name);
  }
  return std::to_string(number);
}

}  // namespace

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  const auto milliseconds = Parse(text, kDurationUnits);
  if (!milliseconds) return std::nullopt;
  return std::chrono::milliseconds(*milliseconds);
}

std::optional<std::uint64_t> ParseSize(std::string_view text) { return Parse(text, kSizeUnits); }

std::string FormatDuration(std::chrono::milliseconds duration) {
  return Format(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::string FormatSize(std::uint64_t bytes) { return Format(bytes, kSizeUnits); }

}  // namespace daybook
