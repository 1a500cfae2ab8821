// Letters and tokens of protocols, where case does not count: ASCII alone, whatever the locale.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace daybook {

constexpr char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// Of a token (RFC 9110, section 5.6.2), as methods and the names of header fields are.
constexpr bool IsTokenCharacter(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

// Without spaces and tabs around it.
constexpr std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Takes what stands before the next `separator` off the front of `text`, without blanks around it.
constexpr std::string_view TakeUntil(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return Trim(taken);
}

// How many bytes at the front of `text` are as `is` says, which does not branch, so that the
// compiler looks at a whole block at once.
template <typename Is>
std::size_t BytesAhead(std::string_view text, Is is) {
  constexpr std::size_t kBlockBytes = 32;
  const auto whole_block = [&is](const char* block) {
    unsigned char all = 1;
    for (std::size_t i = 0; i < kBlockBytes; ++i) all &= static_cast<unsigned char>(is(block[i]));
    return all != 0;
  };
  std::size_t bytes = 0;
  while (text.size() - bytes >= kBlockBytes && whole_block(text.data() + bytes))
    bytes += kBlockBytes;
  while (bytes < text.size() && is(text[bytes])) ++bytes;
  return bytes;
}

inline bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerAscii(x) == LowerAscii(y); });
}

}  // namespace daybook
