#include "base/json_text.h"

#include <algorithm>
#include <charconv>

namespace daybook {
namespace {

// How many bytes the character at the front takes (RFC 3629); 0 where none stands there.
std::size_t Utf8CharacterBytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t bytes = lead < 0xC2   ? 0
                            : lead < 0xE0 ? 2
                            : lead < 0xF0 ? 3
                            : lead < 0xF5 ? 4
                                          : 0;
  if (bytes == 0 || text.size() < bytes) return 0;
  // The second byte's range shuts out overlong forms, surrogates and what is above U+10FFFF.
  const unsigned char second_min = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char second_max = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < second_min || byte(1) > second_max) return 0;
  for (std::size_t i = 2; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return bytes;
}

// The code of a control character (C0, DEL or C1), which is below 256; negative for any other.
int ControlCharacter(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character.front());
  if (lead < 0x20 || lead == 0x7F) return lead;
  const auto last = static_cast<unsigned char>(character.back());
  return lead == 0xC2 && last < 0xA0 ? last : -1;
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const std::size_t bytes = Utf8CharacterBytes(text);
    const auto c = static_cast<unsigned char>(text.front());
    if (bytes == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out.append({'\\', text.front()});
    } else if (const int control = ControlCharacter(text.substr(0, bytes)); control >= 0) {
      out.append("\\u00").append({kHexDigits[control >> 4], kHexDigits[control & 0x0F]});
    } else {
      out.append(text, 0, bytes);
    }
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  out += '"';
}

void AppendJsonNumber(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

}  // namespace daybook
