#include "jetstream/text_escape.h"

#include "base/hex.h"

namespace daybook::jetstream {
namespace {

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::string EscapeText(std::string_view bytes, std::string_view also) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    if (IsPlain(c) || also.find(c) != std::string_view::npos) {
      text.push_back(c);
      continue;
    }
    AppendHex(text.append("%"), static_cast<unsigned char>(c), kUpperHexDigits);
  }
  return text;
}

std::optional<std::string> UnescapeText(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      bytes.push_back(text[at]);
      continue;
    }
    const std::optional<unsigned char> byte = HexByte(text.substr(at + 1), kUpperHexDigits);
    if (!byte) return std::nullopt;
    bytes.push_back(static_cast<char>(*byte));
    at += 2;
  }
  return bytes;
}

}  // namespace daybook::jetstream
