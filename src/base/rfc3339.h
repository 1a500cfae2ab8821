// Moments as people and JSON read them (RFC 3339).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/types.h"

namespace daybook {

// Appends "2006-01-02T15:04:05.678Z".
void AppendRfc3339(std::string& out, Timestamp timestamp);

// A timestamp of any zone, to any part of a second; between two milliseconds it is the later one.
std::optional<Timestamp> ParseRfc3339(std::string_view text);

}  // namespace daybook
