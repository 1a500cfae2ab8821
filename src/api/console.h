// GET /console: a page to watch, read and append with, which asks this API alone for what it shows.
#pragma once

#include "http/router.h"

namespace daybook::api {

void AddConsoleRoute(http::Router& router);

}  // namespace daybook::api
