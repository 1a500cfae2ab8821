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

// Adds the routes but /metrics. `store` must outlive the router's server.
void AddOperationRoutes(http::Router& router, log::LogStore& store, const BuildInfo& build);
void AddMetricsRoute(http::Router& router, MetricsText metrics);

}  // namespace daybook::api
