// The page that a browser gets at "/": what this is and how to talk to it.
#pragma once

#include "http/response.h"

namespace daybook::api {

http::Response LandingPage();

}  // namespace daybook::api
