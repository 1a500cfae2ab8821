// The cursors of a log: positions that its consumers keep there, each under a name.
#pragma once

#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// Adds the routes /v1/logs/{log}/cursors and .../{cursor}. `store` must outlive the router's
// server.
void AddCursorRoutes(http::Router& router, log::LogStore& store);

}  // namespace daybook::api
