// POST /v1/logs/{log}/records: a batch of records is appended as a whole.
#pragma once

#include "api/limits.h"
#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// Adds the route. `store` must outlive the router's server.
void AddAppendRoute(http::Router& router, log::LogStore& store, const ApiLimits& limits);

}  // namespace daybook::api
