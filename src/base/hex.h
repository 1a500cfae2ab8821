// Bytes as two hexadecimal digits each.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";
inline constexpr std::string_view kUpperHexDigits = "0123456789ABCDEF";  // RFC 3986 section 2.1

inline void AppendHex(std::string& text, unsigned char byte, std::string_view digits = kHexDigits) {
  text.push_back(digits[byte >> 4]);
  text.push_back(digits[byte & 0x0F]);
}

// The byte at the front of `text`. None: no two of `digits` stand there.
constexpr std::optional<unsigned char> HexByte(std::string_view text,
                                               std::string_view digits = kHexDigits) {
  if (text.size() < 2) return std::nullopt;
  const std::size_t high = digits.find(text[0]);
  const std::size_t low = digits.find(text[1]);
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned char>(high << 4 | low);
}

}  // namespace daybook
