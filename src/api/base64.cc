#include "api/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "base/check.h"

namespace daybook::api {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xFF;
constexpr std::size_t kBytesMax = std::numeric_limits<int>::max() / 2;  // OpenSSL counts in int

constexpr std::array<std::uint8_t, 256> MakeDigits() {
  std::array<std::uint8_t, 256> digits{};
  for (auto& digit : digits) digit = kNoDigit;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = MakeDigits();

std::uint8_t DigitOf(char c) { return kDigits[static_cast<unsigned char>(c)]; }

Status NotBase64(const std::string& what, std::size_t at) {
  return {StatusCode::kInvalidArgument,
          "not base64: " + what + " at character " + std::to_string(at)};
}

// Checks what EVP_DecodeBlock does not. `text` has no line ends.
Status Validate(std::string_view text) {
  const std::size_t digits = std::min(text.find('='), text.size());
  for (std::size_t i = 0; i < digits; ++i) {
    if (DigitOf(text[i]) == kNoDigit) return NotBase64("a character outside the alphabet", i);
  }
  const std::size_t padding = text.size() - digits;
  if (text.size() % 4 != 0 || padding > 2 ||
      text.substr(digits).find_first_not_of('=') != std::string_view::npos) {
    return NotBase64("wrong padding", digits);
  }
  const unsigned stray_mask = padding == 2 ? 0x0F : padding == 1 ? 0x03 : 0;
  if (stray_mask != 0 && (DigitOf(text[digits - 1]) & stray_mask) != 0) {
    return NotBase64("bits behind the last byte", digits - 1);
  }
  return {};
}

}  // namespace

Result<std::string> Base64Decode(std::string_view text) {
  std::string without_line_ends;
  if (text.find_first_of("\r\n") != std::string_view::npos) {
    std::copy_if(text.begin(), text.end(), std::back_inserter(without_line_ends),
                 [](char c) { return c != '\r' && c != '\n'; });
    text = without_line_ends;
  }
  CHECK(text.size() <= kBytesMax, "more base64 than a request can hold");
  if (Status status = Validate(text); !status.ok()) return status;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int decoded = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
  CHECK(decoded == static_cast<int>(bytes.size()), "OpenSSL refused validated base64");
  bytes.resize(bytes.size() - static_cast<std::size_t>(std::count(
                                  text.end() - std::min<std::ptrdiff_t>(
                                                   2, static_cast<std::ptrdiff_t>(text.size())),
                                  text.end(), '=')));
  return bytes;
}

void AppendBase64(std::string& out, std::string_view bytes) {
  CHECK(bytes.size() <= kBytesMax, "more bytes than an answer can hold");
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4);
  // Its terminating NUL falls onto the string's own.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + start),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
}

}  // namespace daybook::api
