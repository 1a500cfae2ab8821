#include "http/target.h"

#include <algorithm>

#include "base/hex.h"

namespace daybook::http {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool StartsWithScheme(std::string_view target, std::string_view scheme) {
  return target.size() >= scheme.size() &&
         std::equal(scheme.begin(), scheme.end(), target.begin(), [](char expected, char c) {
           return expected == (c | ('A' <= c && c <= 'Z' ? 0x20 : 0));
         });
}

Error BadTarget(std::string detail) {
  return {Code::Bad_Request, "malformed-request", std::move(detail)};
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view encoded) {
  std::string decoded;
  decoded.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      decoded.push_back(encoded[i]);
      continue;
    }
    if (encoded.size() - i < 3) return std::nullopt;
    const int high = HexDigit(encoded[i + 1]);
    const int low = HexDigit(encoded[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

std::string PercentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      encoded += c;
    } else {
      AppendHex(encoded.append("%"), static_cast<unsigned char>(c), kUpperHexDigits);
    }
  }
  return encoded;
}

std::optional<Error> NormalizeTarget(Method method, std::string& target) {
  for (const char c : target) {
    if (c <= ' ' || c >= 0x7F)
      return BadTarget("the request target has a byte that must be percent-encoded");
    if (c == '#')
      return BadTarget("the request target has a fragment ('#'), which is not for servers");
  }
  if (target.front() == '/') return std::nullopt;
  if (target == "*") {
    if (method == Method::Options) return std::nullopt;
    return BadTarget("the request target '*' is for OPTIONS alone");
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!StartsWithScheme(target, scheme)) continue;
    const std::size_t authority_end = target.find_first_of("/?", scheme.size());
    if (authority_end == scheme.size() || target.size() == scheme.size()) break;
    target.erase(0, authority_end);
    if (target.empty() || target.front() == '?') target.insert(0, 1, '/');
    return std::nullopt;
  }
  return BadTarget("the request target is neither a path nor an http URL");
}

}  // namespace daybook::http
