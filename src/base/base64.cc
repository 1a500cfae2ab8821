#include "base/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/check.h"

namespace daybook {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// What a character is: a digit's value, 0 to 63, or one of these.
constexpr std::uint8_t kForeign = 0xFF;
constexpr std::uint8_t kPadding = 0xFE;
constexpr std::uint8_t kLineEnd = 0xFD;
constexpr std::uint8_t kDigitMax = 63;

// OpenSSL counts in int; longer input goes in pieces of whole groups.
constexpr std::size_t kGroupsPerCall = 1 << 20;

constexpr std::array<std::uint8_t, 256> MakeClasses() {
  std::array<std::uint8_t, 256> classes{};
  for (auto& entry : classes) entry = kForeign;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    classes[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  classes['='] = kPadding;
  classes['\r'] = kLineEnd;
  classes['\n'] = kLineEnd;
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = MakeClasses();

std::uint8_t ClassOf(char c) { return kClasses[static_cast<unsigned char>(c)]; }

struct Shape {
  std::size_t padding = 0;
  std::size_t line_ends = 0;
};

Status NotBase64(const std::string& what, std::size_t at) {
  return {StatusCode::kInvalidArgument,
          "not base64: " + what + " at character " + std::to_string(at)};
}

// Checks what EVP_DecodeBlock does not.
Result<Shape> Validate(std::string_view text) {
  Shape shape;
  std::size_t last_digit = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t what = ClassOf(text[i]);
    if (what <= kDigitMax) {
      if (shape.padding != 0) return NotBase64("a character behind the padding", i);
      last_digit = i;
    } else if (what == kLineEnd) {
      ++shape.line_ends;
    } else if (what == kForeign) {
      return NotBase64("a character outside the alphabet", i);
    } else if ((i - shape.line_ends) % 4 < 2) {
      return NotBase64("wrong padding", i);
    } else {
      ++shape.padding;
    }
  }
  if ((text.size() - shape.line_ends) % 4 != 0) return NotBase64("missing padding", text.size());
  const unsigned stray_mask = shape.padding == 2 ? 0x0F : shape.padding == 1 ? 0x03 : 0;
  if (stray_mask != 0 && (ClassOf(text[last_digit]) & stray_mask) != 0) {
    return NotBase64("bits behind the last byte", last_digit);
  }
  return shape;
}

// `text` is whole groups of four digits or padding.
std::string Decode(std::string_view text, std::size_t padding) {
  std::string bytes(text.size() / 4 * 3, '\0');
  std::size_t written = 0;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, kGroupsPerCall * 4);
    const int decoded = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data() + written),
                                        reinterpret_cast<const unsigned char*>(piece.data()),
                                        static_cast<int>(piece.size()));
    CHECK(decoded == static_cast<int>(piece.size() / 4 * 3), "OpenSSL refused validated base64");
    written += piece.size() / 4 * 3;
    text.remove_prefix(piece.size());
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace

Result<std::string> Base64Decode(std::string_view text) {
  Result<Shape> shape = Validate(text);
  if (!shape.ok()) return shape.status();
  if (shape->line_ends == 0) return Decode(text, shape->padding);
  std::string without_line_ends;
  without_line_ends.reserve(text.size() - shape->line_ends);
  std::copy_if(text.begin(), text.end(), std::back_inserter(without_line_ends),
               [](char c) { return ClassOf(c) != kLineEnd; });
  return Decode(without_line_ends, shape->padding);
}

void AppendBase64(std::string& out, std::string_view bytes) {
  std::size_t written = out.size();
  out.resize(written + (bytes.size() + 2) / 3 * 4);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kGroupsPerCall * 3);
    // Its terminating NUL falls onto what the next piece overwrites, or onto the string's own.
    written += static_cast<std::size_t>(EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(out.data() + written),
        reinterpret_cast<const unsigned char*>(piece.data()), static_cast<int>(piece.size())));
    bytes.remove_prefix(piece.size());
  }
}

}  // namespace daybook
