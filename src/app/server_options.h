// What the options of `daybook serve` are to the HTTP servers.
#pragma once

#include "api/limits.h"
#include "app/access_log.h"
#include "config/config.h"
#include "http/server.h"
#include "metrics/collectors.h"

namespace daybook::app {

// Of the server at --listen-address. Says in the log where the process may not open as many
// descriptors as there are to be connections. `access_log` must outlive the server.
http::ServerOptions ServerOptionsOf(const config::Config& config, AccessLog& access_log);

// Of the one at --metrics-address.
http::ServerOptions OperationsServerOptionsOf(const config::Config& config, AccessLog& access_log);

// Of the API.
api::ApiLimits ApiLimitsOf(const config::Config& config);

// Of the metrics.
metrics::SeriesLimits SeriesLimitsOf(const config::Config& config);

}  // namespace daybook::app
