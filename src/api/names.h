// How logs and cursors may be named.
#pragma once

#include <cstddef>
#include <string_view>

namespace daybook::api {

inline constexpr std::size_t kNameBytesMax = 128;

// [a-z0-9][a-z0-9._-]{0,127}
bool IsName(std::string_view text);

// As a sentence goes on behind "the name of a log is".
inline constexpr std::string_view kNameRule =
    "1 to 128 of a-z, 0-9, '.', '_' and '-', of which the first is a letter or a digit";

}  // namespace daybook::api
