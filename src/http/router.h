// Router finds the handler for a request: by its path, segment by segment, then by its method.
//
// It is filled before the server starts and only read afterwards, by all workers. Segments are
// percent-decoded once and strictly (a bad escape or NUL is 400) and only then compared; a doubled
// or a trailing slash matches nothing. HEAD goes to the route's GET handler, OPTIONS and 405 name
// what the path allows.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"
#include "http/responder.h"
#include "http/response.h"

namespace daybook::http {

using Handler = std::function<void(Request& request, Responder responder)>;
// Shows an error of this layer in the form that the whole server uses.
using ErrorPage = std::function<Response(const Error& error)>;

struct RouteDescription {
  std::string pattern;
  std::vector<Method> methods;  // that it answers with a handler, HEAD included
};

class Router {
 public:
  explicit Router(ErrorPage error_page) : error_page_(std::move(error_page)) {}

  // `pattern` is a path of literal and named segments, such as "/v1/logs/{log}/records".
  void Add(Method method, std::string_view pattern, Handler handler);
  // GET, of a literal path, which is served on spare connections, too.
  void AddForCrowded(std::string_view path, Handler handler);

  // Answers the request, now or later, through the matching handler or with 400, 404, 405 or
  // OPTIONS' 204.
  void Dispatch(Request& request, Responder responder) const;

  // Whether the request is for a route that AddForCrowded() added.
  bool IsForCrowded(const Request& request) const;

  // The routes, in the order of Request::route().
  std::vector<RouteDescription> routes() const;

  const ErrorPage& error_page() const { return error_page_; }

 private:
  struct Segment {
    std::string text;  // literal, or the name
    bool named = false;

    friend bool operator==(const Segment&, const Segment&) = default;
  };
  struct Route {
    std::string pattern;
    std::vector<Segment> segments;
    std::vector<std::pair<Method, Handler>> handlers;
    bool for_crowded = false;

    const Handler* Find(Method method) const;
    std::string Allowed() const;
  };

  Route& RouteFor(std::string_view pattern);
  const Route* Match(const std::vector<std::string>& segments, Request& request) const;

  ErrorPage error_page_;
  std::vector<Route> routes_;
};

}  // namespace daybook::http
