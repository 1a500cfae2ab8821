// Lists of URLs, and of what else is made of few characters, as values of options.
#pragma once

#include <initializer_list>
#include <string_view>

namespace daybook::config {

inline constexpr std::string_view kDigits = "0123456789";
inline constexpr std::string_view kLowerLetters = "abcdefghijklmnopqrstuvwxyz";
inline constexpr std::string_view kUpperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Whether each character is in one of the sets.
bool IsAllOf(std::string_view text, std::initializer_list<std::string_view> sets);

// Whether `text` is nothing, or URLs with commas between them, each of a scheme of those, which end
// in "://", a host, and perhaps a port. User and password are not for the URL, which is logged and
// printed.
bool AreUrls(std::string_view text, std::initializer_list<std::string_view> schemes,
             bool port_needed);

}  // namespace daybook::config
