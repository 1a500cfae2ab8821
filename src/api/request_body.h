// What the routes of all dialects have in common: what they ask of a request before they look at
// it, and plain answers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/problem.h"
#include "base/status.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

namespace daybook::api {

// kInvalidArgument names a query parameter, of which there should be none.
Status NoParameters(const http::Request& request);

// A handler that gives `answer`'s answer, or 400 where the query asks for something.
http::Handler WithoutParameters(std::function<http::Response(const http::Request&)> answer);

// One that is not to be stored, and with Retry-After where the code is 503.
http::Response JsonAnswer(http::Code code, std::string body);

void Refuse(const Problem& problem, http::Responder responder);

// What is answered where no log has that name.
Problem NoSuchLog(std::string_view name);

// 400: something is wrong with the body, or with a header field.
Problem InvalidBody(const Status& status);
Problem InvalidHeader(const Status& status);
// What an engine says of an offset in a body: one behind the log's end is the body's fault.
Problem BodyOffsetProblemOf(const Status& status);

// What is answered to a body with a Content-Encoding.
std::optional<Problem> RefuseCoding(const http::Request& request);

// 415 for a body that is not said to be JSON, or is coded.
std::optional<http::Response> RefuseUnlessJson(const http::Request& request);

// Whether an If-None-Match, all its fields joined, has `tag`, compared weakly (RFC 9110 section
// 13.1.2).
bool MatchesWeakly(std::string_view if_none_match, std::string_view tag);

}  // namespace daybook::api
