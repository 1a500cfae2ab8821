// What every engine says where it has no such thing, or has as many as may be.
#pragma once

#include <string_view>

#include "base/status.h"
#include "log/log.h"

namespace daybook::log {

// kNotFound.
Status NoSuchLog(std::string_view name);
Status NoSuchCursor(std::string_view name);

// kNoSpace.
Status TooManyLogs(const StoreLimits& limits);
Status TooManyCursors(const StoreLimits& limits);

}  // namespace daybook::log
