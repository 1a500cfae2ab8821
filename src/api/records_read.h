// GET /v1/logs/{log}/records, a page of records or a stream of them, and .../records/{offset}, one.
#pragma once

#include <memory>

#include "api/limits.h"
#include "api/live_stats.h"
#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// Adds the routes. `store` must outlive the router's server.
void AddReadRoutes(http::Router& router, log::LogStore& store, const ApiLimits& limits,
                   std::shared_ptr<LiveStats> live);

}  // namespace daybook::api
