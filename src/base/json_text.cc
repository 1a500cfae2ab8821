#include "base/json_text.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

namespace daybook {
namespace {

// Of ASCII, which stands in a string as it is.
constexpr auto kIsPlain = [](char c) {
  const auto byte = static_cast<unsigned char>(c);
  // Without a branch, for BytesAhead().
  return static_cast<bool>(static_cast<unsigned>(byte >= ' ') & static_cast<unsigned>(byte <= '~') &
                           static_cast<unsigned>(byte != '"') &
                           static_cast<unsigned>(byte != '\\'));
};

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const std::size_t plain_bytes = BytesAhead(text, kIsPlain);
    out.append(text, 0, plain_bytes);
    text.remove_prefix(plain_bytes);
    if (text.empty()) break;
    const std::size_t bytes = Utf8CharacterBytes(text);
    const auto c = static_cast<unsigned char>(text.front());
    if (bytes == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out.append({'\\', text.front()});
    } else if (const int control = ControlCharacter(text.substr(0, bytes)); control >= 0) {
      AppendHex(out.append("\\u00"), static_cast<unsigned char>(control));
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

void AppendJsonMember(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  AppendJsonString(out, value);
}

void AppendJsonMember(std::string& out, std::string_view name, std::uint64_t value) {
  out.append(",\"").append(name).append("\":");
  AppendJsonNumber(out, value);
}

void AppendJsonMember(std::string& out, std::string_view name, Timestamp value) {
  out.append(",\"").append(name).append("\":\"");
  AppendRfc3339(out, value);
  out.push_back('"');
}

}  // namespace daybook
