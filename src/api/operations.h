// What probes and operators ask: /healthz, /readyz, /version, /metrics. None of them touches disk
// or network.
#pragma once

#include <functional>
#include <string>

#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

struct BuildInfo {
  std::string version;
  std::string revision;
  std::string compiler;
};

// All metrics, in Prometheus' text format 0.0.4.
using MetricsText = std::function<std::string()>;

// Whether this server stops soon while others serve on, so that /readyz has clients sent to those.
// Called on the worker threads.
using Leaving = std::function<bool()>;

// Adds the routes but /metrics. `store` must outlive the router's server; without `leaving` it
// never leaves.
void AddOperationRoutes(http::Router& router, log::LogStore& store, const BuildInfo& build,
                        Leaving leaving);
void AddMetricsRoute(http::Router& router, MetricsText metrics);

}  // namespace daybook::api
