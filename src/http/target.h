// Reading a request's target (RFC 9112 section 3.2) and the percent-encoding in it (RFC 3986
// section 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/response.h"
#include "http/vocabulary.h"

namespace daybook::http {

// Undoes percent-encoding, once. None where a '%' is not followed by two hexadecimal digits, or
// stands for NUL.
// '+' is a plus.
std::optional<std::string> PercentDecode(std::string_view encoded);

// `text` as one segment of a path, or one value of a query, whatever is in it.
std::string PercentEncoded(std::string_view text);

// Brings a target to origin form ("/path?query"), in place: the absolute form loses its scheme and
// authority. `*` stays for OPTIONS. Returns what is wrong with it otherwise.
std::optional<Error> NormalizeTarget(Method method, std::string& target);

}  // namespace daybook::http
