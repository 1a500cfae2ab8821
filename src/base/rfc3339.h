// Moments as people and JSON read them (RFC 3339).
#pragma once

#include <string>

#include "base/types.h"

namespace daybook {

// Appends "2006-01-02T15:04:05.678Z".
void AppendRfc3339(std::string& out, Timestamp timestamp);

}  // namespace daybook
