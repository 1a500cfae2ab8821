// Standard base64 with padding (RFC 4648 section 4), strictly: a character outside the alphabet,
// missing padding, or bits set behind the last byte (section 3.5) are errors. CR and LF are
// skipped, as Go's decoder does.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace daybook {

// kInvalidArgument names what is wrong and at which character, counted from 0.
Result<std::string> Base64Decode(std::string_view text);

void AppendBase64(std::string& out, std::string_view bytes);

}  // namespace daybook
