#include "api/append_fields.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/request_body.h"
#include "base/units.h"

namespace daybook::api {
namespace {

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

// The value of the field of that name; none where there is no such field.
Result<std::optional<std::string>> ValueOf(const http::Request& request, const char* name) {
  const std::optional<std::string_view> first = request.Header(name);
  if (!first) return std::optional<std::string>();
  std::string all = request.HeaderList(name);
  if (all != *first) return Mistake(std::string(name) + " stands twice");
  return std::optional(std::move(all));
}

// What a string of RFC 8941 (section 3.3.3) holds; none where `text` is no such string.
std::optional<std::string> Unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string held;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') return std::nullopt;
    if (text[at] == '\\') {
      if (++at == text.size() || (text[at] != '"' && text[at] != '\\')) return std::nullopt;
    }
    held.push_back(text[at]);
  }
  return held;
}

Result<std::string> ParseIdempotencyKey(const std::string& text) {
  const std::optional<std::string> key = text.starts_with('"') ? Unquoted(text) : text;
  const bool right =
      key && !key->empty() && key->size() <= log::kIdempotencyKeyBytesMax &&
      std::all_of(key->begin(), key->end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (right) return *key;
  return Mistake("Idempotency-Key is not 1 to " + std::to_string(log::kIdempotencyKeyBytesMax) +
                 " printable ASCII characters, as they are or in double quotes");
}

}  // namespace

Result<log::AppendOptions> ParseAppendFields(const http::Request& request) {
  for (const char* name : {"If-Match", "If-None-Match"}) {
    if (!request.Header(name)) continue;
    return Mistake(std::string(name) +
                   " is not for records; to append only where the log ends at N, send "
                   "Expected-Next-Offset: N");
  }
  log::AppendOptions options;
  const auto expected = ValueOf(request, "Expected-Next-Offset");
  if (!expected.ok()) return expected.status();
  if (*expected) {
    const std::optional<std::uint64_t> number = ParseNumber(**expected);
    if (!number)
      return Mistake("Expected-Next-Offset is not a whole number from 0 to 18446744073709551615");
    options.expected_next_offset = Offset(*number);
  }
  const auto key = ValueOf(request, "Idempotency-Key");
  if (!key.ok()) return key.status();
  if (*key) {
    Result<std::string> parsed = ParseIdempotencyKey(**key);
    if (!parsed.ok()) return parsed.status();
    options.idempotency_key = std::move(*parsed);
  }
  return options;
}

std::string AppendedFields(const log::LogStore& store) {
  return std::string("Content-Type: application/json\r\nCache-Control: no-store\r\nDurability: ") +
         log::DurabilityName(store.durability()) + "\r\n";
}

}  // namespace daybook::api
