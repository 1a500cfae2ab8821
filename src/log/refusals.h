// What every engine says where it has no such thing, has as many as may be, or was closed.
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

// kUnavailable.
Status Stopping();

}  // namespace daybook::log
