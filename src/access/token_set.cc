#include "access/token_set.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/ascii.h"

namespace daybook::access {
namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kPatternBytesMax = 128;

Status Mistake(std::string what) { return {StatusCode::kInvalidArgument, std::move(what)}; }

bool IsMadeOf(std::string_view text, std::size_t bytes_max, bool (*is_one)(char)) {
  return !text.empty() && text.size() <= bytes_max && std::all_of(text.begin(), text.end(), is_one);
}

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsPunctuation(char c) { return c == '.' || c == '_' || c == '-'; }
bool IsOfName(char c) { return IsLowerOrDigit(LowerAscii(c)) || IsPunctuation(c); }
bool IsOfPattern(char c) { return IsLowerOrDigit(c) || IsPunctuation(c) || c == '*'; }

std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> FieldsOf(std::string_view line) {
  std::vector<std::string_view> fields = Split(line, " \t");
  fields.erase(std::remove(fields.begin(), fields.end(), std::string_view()), fields.end());
  return fields;
}

Status SetScopes(std::string_view text, std::array<bool, 4>& scopes) {
  for (const std::string_view name : Split(text, ",")) {
    const std::optional<Scope> scope = ParseScope(name);
    if (!scope) return Mistake("its scopes are not some of read, append, admin, metrics");
    bool& has = scopes[static_cast<std::size_t>(*scope)];
    if (std::exchange(has, true)) return Mistake("it names a scope twice");
  }
  return {};
}

}  // namespace

Result<TokenSet> TokenSet::Parse(std::string_view text) {
  TokenSet set;
  std::size_t number = 0;
  for (std::string_view line : Split(text, "\n")) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (const Status status = set.Add(line); !status.ok())
      return Mistake("line " + std::to_string(number) + ": " + status.message());
  }
  if (set.tokens_.empty()) return Mistake("there is no token in it");
  return set;
}

Status TokenSet::Add(std::string_view line) {
  const std::vector<std::string_view> fields = FieldsOf(line);
  if (fields.empty() || fields.front().front() == '#') return {};
  if (fields.size() != 4)
    return Mistake("it is not NAME SCOPES LOGS sha256:DIGEST, as `daybook token new` prints it");
  const std::optional<TokenDigest> digest = ParseDigest(fields[3]);
  if (!digest) return Mistake("it does not end in sha256: and 64 hexadecimal digits");
  Grant::Terms terms;
  if (!IsMadeOf(fields[0], kNameBytesMax, IsOfName))
    return Mistake("its name is not 1 to 64 letters, digits, '.', '_' and '-'");
  terms.name = fields[0];
  if (Status status = SetScopes(fields[1], terms.scopes); !status.ok()) return status;
  for (const std::string_view pattern : Split(fields[2], ",")) {
    if (!IsMadeOf(pattern, kPatternBytesMax, IsOfPattern))
      return Mistake("its logs are not patterns of a-z, 0-9, '.', '_', '-' and '*'");
    terms.logs.emplace_back(pattern);
  }
  if (std::any_of(tokens_.begin(), tokens_.end(),
                  [&](const Token& token) { return token.digest == *digest; }))
    return Mistake("its digest stands in a line before");
  if (tokens_.size() == kTokensMax)
    return Mistake("it is one more than " + std::to_string(kTokensMax) + " tokens");
  tokens_.push_back(Token{*digest, std::make_shared<const Grant>(std::move(terms))});
  return {};
}

std::shared_ptr<const Grant> TokenSet::Find(std::string_view token) const {
  const TokenDigest digest = DigestOf(token);
  const Token* found = nullptr;
  for (const Token& one : tokens_) {
    if (CRYPTO_memcmp(one.digest.data(), digest.data(), digest.size()) == 0) found = &one;
  }
  return found == nullptr ? nullptr : found->grant;
}

std::vector<std::shared_ptr<const Grant>> TokenSet::TakeOver(const TokenSet& before) {
  std::vector<std::shared_ptr<const Grant>> gone;
  for (const Token& old : before.tokens_) {
    const auto same = std::find_if(tokens_.begin(), tokens_.end(), [&](const Token& token) {
      return token.digest == old.digest && token.grant->terms() == old.grant->terms();
    });
    if (same != tokens_.end()) {
      same->grant = old.grant;
    } else {
      gone.push_back(old.grant);
    }
  }
  return gone;
}

}  // namespace daybook::access
