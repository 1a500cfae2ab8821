// LogId is a log's identity: a random UUID (RFC 9562, version 4), made with the log and never used
// again, so that a log that was deleted and one of the same name made later are never taken for
// each other. A value.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daybook::log {

struct LogId {
  std::array<std::uint8_t, 16> bytes{};

  // Of the kernel's randomness.
  static LogId Random();
  // Reads what ToString() writes, lower case only; none for anything else.
  static std::optional<LogId> Parse(std::string_view text);

  // "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
  std::string ToString() const;

  friend auto operator<=>(const LogId&, const LogId&) = default;
};

}  // namespace daybook::log
