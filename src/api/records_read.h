// GET /v1/logs/{log}/records, a page of records, and .../records/{offset}, one of them.
#pragma once

#include "api/limits.h"
#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// Adds the routes. `store` must outlive the router's server.
void AddReadRoutes(http::Router& router, log::LogStore& store, const ApiLimits& limits);

}  // namespace daybook::api
