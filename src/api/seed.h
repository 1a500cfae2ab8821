// Dialect 1, the API that daybook began as, on the log `default`: POST / appends one record, GET /
// reads one by offset, both with a small JSON document as their body. Its clients work unchanged;
// where it is stricter than they ever relied on, the docs say so.
#pragma once

#include <cstdint>
#include <string>

#include "api/limits.h"
#include "base/status.h"
#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// `{"record":{"value":"<base64>"}}`: returns the value's bytes. Decodes strings within `body`.
Result<std::string> ParseSeedAppend(std::string& body);
// `{"offset":N}`; `{}` is offset 0.
Result<Offset> ParseSeedRead(std::string& body);

// Adds the routes. `store` must outlive the router's server.
void AddSeedRoutes(http::Router& router, log::LogStore& store, const ApiLimits& limits);

}  // namespace daybook::api
