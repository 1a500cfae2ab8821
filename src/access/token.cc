#include "access/token.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/ascii.h"

namespace daybook::access {
namespace {

constexpr std::string_view kTokenBegin = "dbk_";
constexpr std::string_view kDigestBegin = "sha256:";
constexpr std::string_view kDigits = "0123456789abcdef";

void AppendHex(std::string& text, std::span<const unsigned char> bytes) {
  for (const unsigned char byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 0xF]);
  }
}

// Of what a token begins with, where it stands at the front of `text`, in a URL perhaps; 0: it does
// not.
std::size_t TokenBeginBytes(std::string_view text) {
  for (const std::string_view begin : {kTokenBegin, std::string_view("dbk%5f")}) {
    if (EqualIgnoringCase(text.substr(0, begin.size()), begin)) return begin.size();
  }
  return 0;
}

}  // namespace

Result<std::string> MakeToken() {
  std::array<unsigned char, 32> secret{};
  if (RAND_bytes(secret.data(), secret.size()) != 1)
    return Status(StatusCode::kInternal, "the system gives no random numbers");
  std::string token(kTokenBegin);
  AppendHex(token, secret);
  return token;
}

std::string WithoutTokens(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    if (const std::size_t bytes = TokenBeginBytes(text)) {
      shown.append("dbk_***");
      text.remove_prefix(bytes);
      text.remove_prefix(std::min(text.find_first_not_of(kDigits), text.size()));
    } else {
      shown.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return shown;
}

std::string TextOf(const TokenDigest& digest) {
  std::string text(kDigestBegin);
  AppendHex(text, digest);
  return text;
}

std::optional<TokenDigest> ParseDigest(std::string_view text) {
  TokenDigest digest{};
  if (text.substr(0, kDigestBegin.size()) != kDigestBegin) return std::nullopt;
  text.remove_prefix(kDigestBegin.size());
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const std::size_t high = kDigits.find(text[2 * i]);
    const std::size_t low = kDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    digest[i] = static_cast<unsigned char>(high << 4 | low);
  }
  return digest;
}

}  // namespace daybook::access
