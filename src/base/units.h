// Numbers, durations and sizes as people write them: `17`; `250ms`, `30s`, `5m`, `2h`, `7d`; `512`,
// `64Ki`, `1Mi`, `10Gi`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

// Digits alone: no sign, fraction or exponent.
std::optional<std::uint64_t> ParseNumber(std::string_view text);

// A whole number and a unit; none for anything else, or for what does not fit.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);
// In bytes: a whole number, with Ki, Mi, Gi or Ti behind it or nothing.
std::optional<std::uint64_t> ParseSize(std::string_view text);

// The shortest form that parses to the same.
std::string FormatDuration(std::chrono::milliseconds duration);
std::string FormatSize(std::uint64_t bytes);

}  // namespace daybook
