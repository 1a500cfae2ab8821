// GET /v1: what this server is, what it admits, and where to go from there.
#pragma once

#include "api/limits.h"
#include "api/operations.h"
#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// Adds the route. `store` must outlive the router's server.
void AddInfoRoute(http::Router& router, log::LogStore& store, const BuildInfo& build,
                  const ApiLimits& limits);

}  // namespace daybook::api
