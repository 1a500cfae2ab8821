// The whole HTTP API on one router.
#pragma once

#include "api/limits.h"
#include "api/operations.h"
#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// A router with every route. `store` must outlive the server that it is given to.
http::Router MakeRouter(log::LogStore& store, const BuildInfo& build, const ApiLimits& limits);

}  // namespace daybook::api
