// What probes and operators ask: /healthz, /readyz, /version. None of them touches disk or network.
#pragma once

#include <string>

#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

struct BuildInfo {
  std::string version;
  std::string revision;
  std::string compiler;
};

// Adds the routes. `store` must outlive the router's server.
void AddOperationRoutes(http::Router& router, log::LogStore& store, const BuildInfo& build);

}  // namespace daybook::api
