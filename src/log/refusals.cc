#include "log/refusals.h"

#include <string>

namespace daybook::log {

Status NoSuchLog(std::string_view name) {
  return {StatusCode::kNotFound, "there is no log '" + std::string(name) + "'"};
}

Status NoSuchCursor(std::string_view name) {
  return {StatusCode::kNotFound, "there is no cursor '" + std::string(name) + "'"};
}

Status TooManyLogs(const StoreLimits& limits) {
  return {StatusCode::kNoSpace,
          "there are " + std::to_string(limits.logs_max) + " logs, as many as max-logs allows"};
}

Status TooManyCursors(const StoreLimits& limits) {
  return {StatusCode::kNoSpace, "the log has " + std::to_string(limits.cursors_max) +
                                    " cursors, as many as max-cursors allows"};
}

Status Stopping() { return {StatusCode::kUnavailable, "the server stops"}; }

}  // namespace daybook::log
