// The page that a browser gets at "/": what this is and how to talk to it.
#pragma once

#include "http/request.h"
#include "http/response.h"

namespace daybook::api {

http::Response LandingPage();

// Whether who asks is a browser, say.
bool TakesHtml(const http::Request& request);

// Whether a GET of "/" whose header is there, and the body perhaps not yet, asks for that page: it
// takes HTML, and has neither query nor body.
bool AsksForPage(const http::Request& request);

}  // namespace daybook::api
