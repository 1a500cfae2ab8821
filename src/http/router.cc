#include "http/router.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "http/target.h"

namespace daybook::http {
namespace {

// "/a/b" has the segments "a" and "b"; "/" has none; "/a/" has "a" and "".
std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  if (path.empty()) return segments;
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Router::Route& Router::RouteFor(std::string_view pattern) {
  CHECK(!pattern.empty() && pattern.front() == '/', "a route's pattern begins with '/'");
  std::vector<Segment> segments;
  for (std::string_view text : Split(pattern)) {
    const bool named = text.size() > 2 && text.front() == '{' && text.back() == '}';
    if (named) text = text.substr(1, text.size() - 2);
    segments.push_back(Segment{std::string(text), named});
  }
  const auto same = std::find_if(routes_.begin(), routes_.end(),
                                 [&](const Route& route) { return route.segments == segments; });
  return same != routes_.end()
             ? *same
             : routes_.emplace_back(Route{std::string(pattern), std::move(segments), {}, false});
}

void Router::Add(Method method, std::string_view pattern, Handler handler) {
  Route& route = RouteFor(pattern);
  CHECK(route.Find(method) == nullptr, "a route has two handlers for one method");
  route.handlers.emplace_back(method, std::move(handler));
}

void Router::AddForCrowded(std::string_view path, Handler handler) {
  Add(Method::Get, path, std::move(handler));
  RouteFor(path).for_crowded = true;
}

bool Router::IsForCrowded(const Request& request) const {
  const bool read = request.method() == Method::Get || request.method() == Method::Head;
  return read && std::any_of(routes_.begin(), routes_.end(), [&](const Route& route) {
           return route.for_crowded && route.pattern == request.path();
         });
}

std::vector<RouteDescription> Router::routes() const {
  std::vector<RouteDescription> routes;
  for (const Route& route : routes_) {
    RouteDescription& description = routes.emplace_back(RouteDescription{route.pattern, {}});
    for (const auto& [method, handler] : route.handlers) {
      description.methods.push_back(method);
      if (method == Method::Get) description.methods.push_back(Method::Head);
    }
  }
  return routes;
}

const Handler* Router::Route::Find(Method method) const {
  for (const auto& [known, handler] : handlers) {
    if (known == method) return &handler;
  }
  return nullptr;
}

std::string Router::Route::Allowed() const {
  std::string allowed;
  for (const auto& [method, handler] : handlers) {
    allowed.append(MethodName(method)).append(", ");
    if (method == Method::Get) allowed.append("HEAD, ");
  }
  return allowed + "OPTIONS";
}

const Router::Route* Router::Match(const std::vector<std::string>& segments,
                                   Request& request) const {
  for (const Route& route : routes_) {
    const bool matches =
        std::equal(route.segments.begin(), route.segments.end(), segments.begin(), segments.end(),
                   [](const Segment& expected, const std::string& segment) {
                     return expected.named ? !segment.empty() : expected.text == segment;
                   });
    if (!matches) continue;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (route.segments[i].named)
        request.parameters_.emplace_back(route.segments[i].text, segments[i]);
    }
    return &route;
  }
  return nullptr;
}

void Router::Dispatch(Request& request, Responder responder) const {
  const auto fail = [&](Code code, std::string_view kind, std::string detail) {
    return error_page_(Error{code, kind, std::move(detail)});
  };
  if (request.path() == "*") {
    std::move(responder).Send(
        Response{Code::No_Content, "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n", {}});
    return;
  }
  std::vector<std::string> segments;
  for (const std::string_view encoded : Split(request.path())) {
    std::optional<std::string> segment = PercentDecode(encoded);
    if (!segment) {
      std::move(responder).Send(
          fail(Code::Bad_Request, "malformed-request",
               "the path has a '%' that is not followed by two hexadecimal digits, or a NUL"));
      return;
    }
    segments.push_back(std::move(*segment));
  }
  const Route* route = Match(segments, request);
  if (route == nullptr) {
    std::move(responder).Send(
        fail(Code::Not_Found, "no-such-route", "nothing is served under this path; see GET /"));
    return;
  }
  request.route_ = static_cast<std::size_t>(route - routes_.data());
  const Method method = request.method() == Method::Head ? Method::Get : request.method();
  if (const Handler* handler = route->Find(method)) {
    (*handler)(request, std::move(responder));
    return;
  }
  Response response{Code::No_Content, {}, {}};
  if (method != Method::Options) {
    response = fail(
        Code::Method_Not_Allowed, "method-not-allowed",
        std::string(MethodName(request.method())) + " is not for this path; Allow names what is");
  }
  response.AddField("Allow", route->Allowed());
  std::move(responder).Send(std::move(response));
}

}  // namespace daybook::http
