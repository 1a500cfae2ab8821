// Characters of UTF-8 (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace daybook {

// How many bytes the character at the front of `text`, which is not empty, takes; 0 where none
// stands there.
std::size_t Utf8CharacterBytes(std::string_view text);

// The code of a control character (C0, DEL or C1), which is below 256; negative for any other.
int ControlCharacter(std::string_view character);

bool IsUtf8(std::string_view text);

// Of UTF-8.
bool HasControlCharacter(std::string_view text);

}  // namespace daybook
