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

// None: a segment cannot be decoded.
std::optional<std::vector<std::string>> DecodeSegments(std::string_view path) {
  std::vector<std::string> segments;
  for (const std::string_view encoded : Split(path)) {
    std::optional<std::string> segment = PercentDecode(encoded);
    if (!segment) return std::nullopt;
    segments.push_back(std::move(*segment));
  }
  return segments;
}

Method HandlerMethod(Method method) { return method == Method::Head ? Method::Get : method; }

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
  Add(pattern, Endpoint{method, std::move(handler), nullptr});
}

void Router::AddUpload(Method method, std::string_view pattern, UploadHandler begin) {
  Add(pattern, Endpoint{method, nullptr, std::move(begin)});
  has_uploads_ = true;
}

void Router::Add(std::string_view pattern, Endpoint endpoint) {
  Route& route = RouteFor(pattern);
  CHECK(route.Find(endpoint.method) == nullptr, "a route has two handlers for one method");
  route.endpoints.push_back(std::move(endpoint));
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
    for (const Endpoint& endpoint : route.endpoints) {
      description.methods.push_back(endpoint.method);
      if (endpoint.method == Method::Get) description.methods.push_back(Method::Head);
    }
  }
  return routes;
}

const Router::Endpoint* Router::Route::Find(Method method) const {
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.method == method) return &endpoint;
  }
  return nullptr;
}

std::string Router::Route::Allowed() const {
  std::string allowed;
  for (const Endpoint& endpoint : endpoints) {
    allowed.append(MethodName(endpoint.method)).append(", ");
    if (endpoint.method == Method::Get) allowed.append("HEAD, ");
  }
  return allowed + "OPTIONS";
}

const Router::Route* Router::Match(const std::vector<std::string>& segments) const {
  for (const Route& route : routes_) {
    const bool matches =
        std::equal(route.segments.begin(), route.segments.end(), segments.begin(), segments.end(),
                   [](const Segment& expected, const std::string& segment) {
                     return expected.named ? !segment.empty() : expected.text == segment;
                   });
    if (matches) return &route;
  }
  return nullptr;
}

// Notes in the request that it takes `route`.
void Router::Take(const Route& route, std::vector<std::string>& segments, Request& request) const {
  request.route_ = static_cast<std::size_t>(&route - routes_.data());
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (route.segments[i].named)
      request.parameters_.emplace_back(route.segments[i].text, std::move(segments[i]));
  }
}

// None: the handler may see it.
std::optional<Response> Router::Admit(Request& request) const {
  const bool has_ended = request.pass_ != nullptr && request.pass_->ended();
  if (gate_ == nullptr || (request.is_admitted_ && !has_ended)) return std::nullopt;
  Gate::Admission admission = gate_->Admit(request, HandlerMethod(request.method()));
  request.pass_ = std::move(admission.pass);
  request.is_admitted_ = !admission.refusal;
  return std::move(admission.refusal);
}

std::optional<Upload> Router::BeginUpload(Request& request, BodyBudget& budget) const {
  if ((!has_uploads_ && gate_ == nullptr) || request.path() == "*") return std::nullopt;
  std::optional<std::vector<std::string>> segments = DecodeSegments(request.path());
  const Route* route = segments ? Match(*segments) : nullptr;
  const Endpoint* endpoint =
      route != nullptr ? route->Find(HandlerMethod(request.method())) : nullptr;
  if (endpoint == nullptr) return std::nullopt;
  Take(*route, *segments, request);
  if (std::optional<Response> refusal = Admit(request)) return std::move(*refusal);
  if (!endpoint->begin) return std::nullopt;
  return endpoint->begin(request, BodyShare(budget));
}

void Router::FinishUpload(BodySink& sink, Request& request, Responder responder) const {
  // Not where the sink itself is of a request that was refused.
  std::optional<Response> refusal = request.is_admitted_ ? Admit(request) : std::nullopt;
  if (refusal) return std::move(responder).Send(std::move(*refusal));
  sink.Finish(request, std::move(responder));
}

void Router::Dispatch(Request& request, BodyBudget& budget, Responder responder) const {
  const auto fail = [&](Code code, std::string_view kind, std::string detail) {
    std::move(responder).Send(error_page_(Error{code, kind, std::move(detail), request.method()}));
  };
  if (request.path() == "*") {
    std::move(responder).Send(
        Response{Code::No_Content, "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n", {}});
    return;
  }
  if (!request.route_) {
    std::optional<std::vector<std::string>> segments = DecodeSegments(request.path());
    if (!segments) {
      return fail(Code::Bad_Request, "malformed-request",
                  "the path has a '%' that is not followed by two hexadecimal digits, or a NUL");
    }
    const Route* const match = Match(*segments);
    if (match == nullptr) {
      return fail(Code::Not_Found, "no-such-route", "nothing is served under this path; see GET /");
    }
    Take(*match, *segments, request);
  }
  const Route& route = routes_[*request.route_];
  const Endpoint* const endpoint = route.Find(HandlerMethod(request.method()));
  if (endpoint == nullptr) return std::move(responder).Send(AnswerWithoutHandler(route, request));
  if (std::optional<Response> refusal = Admit(request))
    return std::move(responder).Send(std::move(*refusal));
  if (endpoint->handler) return endpoint->handler(request, std::move(responder));
  Upload upload = endpoint->begin(request, BodyShare(budget));  // of no body
  if (auto* refusal = std::get_if<Response>(&upload))
    return std::move(responder).Send(std::move(*refusal));
  return std::get<std::unique_ptr<BodySink>>(upload)->Finish(request, std::move(responder));
}

Response Router::AnswerWithoutHandler(const Route& route, const Request& request) const {
  const std::string allowed = route.Allowed();
  Response response{Code::No_Content, {}, {}};
  if (request.method() == Method::Options) {
    cors_.AppendPreflightFields(request, allowed, response.fields);
  } else {
    response = error_page_(Error{
        Code::Method_Not_Allowed, "method-not-allowed",
        std::string(MethodName(request.method())) + " is not for this path; Allow names what is",
        request.method()});
  }
  response.AddField("Allow", allowed);
  return response;
}

}  // namespace daybook::http
