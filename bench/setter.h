// What takes the value of an option from the command line; false: it is none that can be used.
#pragma once

#include <charconv>
#include <functional>
#include <string_view>
#include <system_error>

namespace daybook::bench {

using Setter = std::function<bool(std::string_view)>;

template <typename Number>
Setter SetNumber(Number& number, Number least, Number most) {
  return [&number, least, most](std::string_view text) {
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return parsed.ec == std::errc() && parsed.ptr == end && number >= least && number <= most;
  };
}

}  // namespace daybook::bench
