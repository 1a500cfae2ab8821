#include "api/api.h"

#include "api/problem.h"
#include "api/seed.h"

namespace daybook::api {

http::Router MakeRouter(log::LogStore& store, const BuildInfo& build, const ApiLimits& limits) {
  http::Router router(ErrorPage);
  AddSeedRoutes(router, store, limits);
  AddOperationRoutes(router, store, build);
  return router;
}

}  // namespace daybook::api
