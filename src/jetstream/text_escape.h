// Any bytes as text that NATS takes as a header's value or as a token of a subject, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace daybook::jetstream {

// Keeps letters, digits, '-' and '_', as well as those of `also`; any other byte becomes "%2E". One
// to one, as long as '%' is not in `also`.
std::string EscapeText(std::string_view bytes, std::string_view also = "");
// None: not what EscapeText() writes.
std::optional<std::string> UnescapeText(std::string_view text);

}  // namespace daybook::jetstream
