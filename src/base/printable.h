// What somebody else has written, as people may be shown it: a terminal takes control characters
// for commands.
#pragma once

#include <string>
#include <string_view>

namespace daybook {

// `text` with U+FFFD in place of each control character but tab and line feed, and of each byte
// that is not UTF-8.
std::string Printable(std::string_view text);

// The same on one line.
std::string PrintableLine(std::string_view text);

}  // namespace daybook
