// The routes of a log itself: what it is, how it is set, what is trimmed.
#pragma once

#include <string>

#include "base/status.h"
#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// `{"retention":{"max_age":"7d","max_bytes":"10Gi"}}`, of which everything may be absent, and a
// bound null. Decodes strings within `body`, which may be empty.
Result<log::RetentionChange> ParseLogSettings(std::string& body);
// `{"before":N}`.
Result<Offset> ParseTrim(std::string& body);

// Adds the routes. `store` must outlive the router's server.
void AddLogRoutes(http::Router& router, log::LogStore& store);

}  // namespace daybook::api
