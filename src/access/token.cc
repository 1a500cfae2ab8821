#include "access/token.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstddef>

#include "base/ascii.h"
#include "base/hex.h"

namespace daybook::access {
namespace {

constexpr std::string_view kTokenBegin = "dbk_";
constexpr std::string_view kDigestBegin = "sha256:";

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
  for (const unsigned char byte : secret) AppendHex(token, byte);
  return token;
}

std::string WithoutTokens(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    if (const std::size_t bytes = TokenBeginBytes(text)) {
      shown.append("dbk_***");
      text.remove_prefix(bytes);
      text.remove_prefix(std::min(text.find_first_not_of(kHexDigits), text.size()));
    } else {
      shown.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return shown;
}

std::string TextOf(const TokenDigest& digest) {
  std::string text(kDigestBegin);
  for (const unsigned char byte : digest) AppendHex(text, byte);
  return text;
}

std::optional<TokenDigest> ParseDigest(std::string_view text) {
  TokenDigest digest{};
  if (text.substr(0, kDigestBegin.size()) != kDigestBegin) return std::nullopt;
  text.remove_prefix(kDigestBegin.size());
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (unsigned char& byte : digest) {
    const std::optional<unsigned char> read = HexByte(text);
    if (!read) return std::nullopt;
    byte = *read;
    text.remove_prefix(2);
  }
  return digest;
}

}  // namespace daybook::access
