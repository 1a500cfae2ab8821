#include "api/api.h"

#include <utility>

#include "api/api_info.h"
#include "api/cursors.h"
#include "api/logs.h"
#include "api/logs_list.h"
#include "api/pages.h"
#include "api/problem.h"
#include "api/records_append.h"
#include "api/records_read.h"
#include "api/seed.h"

namespace daybook::api {

http::Router MakeRouter(log::LogStore& store, const BuildInfo& build, const ApiLimits& limits,
                        MetricsText metrics, Leaving leaving, std::shared_ptr<LiveStats> live,
                        const Access& access) {
  http::Router router(ErrorPage);
  AddSeedRoutes(router, store, limits);
  AddInfoRoute(router, store, build, limits);
  AddLogsListRoute(router, store);
  AddLogRoutes(router, store);
  AddCursorRoutes(router, store);
  AddAppendRoute(router, store, limits);
  AddReadRoutes(router, store, limits, std::move(live));
  AddOperationRoutes(router, store, build, std::move(leaving));
  AddPageRoutes(router, build);
  if (metrics) AddMetricsRoute(router, std::move(metrics));
  Guard(router, access);
  return router;
}

http::Router MakeOperationsRouter(log::LogStore& store, const BuildInfo& build, MetricsText metrics,
                                  Leaving leaving, const Access& access) {
  http::Router router(ErrorPage);
  AddOperationRoutes(router, store, build, std::move(leaving));
  AddMetricsRoute(router, std::move(metrics));
  Guard(router, access);
  return router;
}

}  // namespace daybook::api
