// What the server has to show of itself: /console, a page to watch, read and append with;
// /openapi.json, this API as OpenAPI 3.1, and /docs, a page that shows it to people. The pages ask
// this API alone for what they show.
#pragma once

#include "api/operations.h"
#include "http/router.h"

namespace daybook::api {

void AddPageRoutes(http::Router& router, const BuildInfo& build);

}  // namespace daybook::api
