// The little JSON (RFC 8259) that is written: strings and numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/types.h"

namespace daybook {

// Appends `text` (UTF-8; what is not becomes U+FFFD) as a JSON string, quotes included. Control
// characters are escaped.
void AppendJsonString(std::string& out, std::string_view text);
void AppendJsonNumber(std::string& out, std::uint64_t number);
// A member behind others: a comma, its name, its value.
void AppendJsonMember(std::string& out, std::string_view name, std::string_view value);
void AppendJsonMember(std::string& out, std::string_view name, std::uint64_t value);
void AppendJsonMember(std::string& out, std::string_view name, Timestamp value);

}  // namespace daybook
