// The whole HTTP API on one router, and what of it operators need on another.
#pragma once

#include <memory>

#include "api/access_gate.h"
#include "api/limits.h"
#include "api/live_stats.h"
#include "api/operations.h"
#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// A router with every route, without /metrics where `metrics` is empty. `store` must outlive the
// server that it is given to. `live` counts those who wait for records; `access` says who may what.
http::Router MakeRouter(log::LogStore& store, const BuildInfo& build, const ApiLimits& limits,
                        MetricsText metrics, Leaving leaving = nullptr,
                        std::shared_ptr<LiveStats> live = std::make_shared<LiveStats>(),
                        const Access& access = {});

// A router with the probes and /metrics alone.
http::Router MakeOperationsRouter(log::LogStore& store, const BuildInfo& build, MetricsText metrics,
                                  Leaving leaving = nullptr, const Access& access = {});

}  // namespace daybook::api
