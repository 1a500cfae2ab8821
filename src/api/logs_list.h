// GET /v1/logs: the logs that there are, by name, a page at a time.
#pragma once

#include <cstdint>

#include "http/router.h"
#include "log/log.h"

namespace daybook::api {

// Of one page; who asks for more gets that many.
inline constexpr std::uint64_t kListedLogsMax = 1'000;

// Adds the route. `store` must outlive the router's server.
void AddLogsListRoute(http::Router& router, log::LogStore& store);

}  // namespace daybook::api
