// The routes of one log: it is made, described, set, trimmed and deleted.
#pragma once

#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// Adds the routes. `store` must outlive the router's server.
void AddLogRoutes(http::Router& router, log::LogStore& store);

}  // namespace daybook::api
