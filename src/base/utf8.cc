#include "base/utf8.h"

#include <cstddef>

#include "base/ascii.h"

namespace daybook {
namespace {

constexpr auto kIsAscii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };

}  // namespace

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

int ControlCharacter(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character.front());
  if (lead < 0x20 || lead == 0x7F) return lead;
  const auto last = static_cast<unsigned char>(character.back());
  return lead == 0xC2 && last < 0xA0 ? last : -1;
}

bool IsUtf8(std::string_view text) {
  for (;;) {
    text.remove_prefix(BytesAhead(text, kIsAscii));
    if (text.empty()) return true;
    const std::size_t bytes = Utf8CharacterBytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
}

bool HasControlCharacter(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = Utf8CharacterBytes(text);
    if (bytes == 0) return false;
    if (ControlCharacter(text.substr(0, bytes)) >= 0) return true;
    text.remove_prefix(bytes);
  }
  return false;
}

}  // namespace daybook
