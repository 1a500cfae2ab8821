// Router finds the handler for a request: by its path, segment by segment, then by its method.
//
// It is filled before the server starts and only read afterwards, by all workers. Segments are
// percent-decoded once and strictly (a bad escape or NUL is 400) and only then compared; a doubled
// or a trailing slash matches nothing. HEAD goes to the route's GET handler, OPTIONS and 405 name
// what the path allows.
//
// Where there is a gate, no handler sees a request that it has not let through.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/body_budget.h"
#include "http/body_sink.h"
#include "http/cors.h"
#include "http/gate.h"
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
  // `begin` is called when the header is there and answers the request, or makes what takes its
  // body and then answers.
  void AddUpload(Method method, std::string_view pattern, UploadHandler begin);
  // GET, of a literal path, which is served on spare connections, too.
  void AddForCrowded(std::string_view path, Handler handler);

  void SetGate(std::shared_ptr<const Gate> gate) { gate_ = std::move(gate); }
  void SetCors(Cors cors) { cors_ = std::move(cors); }

  // Of a request whose body is yet to come: what the gate says against it, or what AddUpload()'s
  // handler says; none where no such handler is for it, and it is to be dispatched when it is
  // complete.
  std::optional<Upload> BeginUpload(Request& request, BodyBudget& budget) const;
  // A body that such an upload has taken is whole: answers the request through the sink, unless
  // what let it through has ended since.
  void FinishUpload(BodySink& sink, Request& request, Responder responder) const;
  // Answers the request, now or later, through the matching handler or with 400, 404, 405 or
  // OPTIONS' 204.
  void Dispatch(Request& request, BodyBudget& budget, Responder responder) const;

  // Whether the request is for a route that AddForCrowded() added.
  bool IsForCrowded(const Request& request) const;

  // The routes, in the order of Request::route().
  std::vector<RouteDescription> routes() const;

  const ErrorPage& error_page() const { return error_page_; }
  const Cors& cors() const { return cors_; }

 private:
  struct Segment {
    std::string text;  // literal, or the name
    bool named = false;

    friend bool operator==(const Segment&, const Segment&) = default;
  };
  struct Endpoint {
    Method method;
    Handler handler;
    UploadHandler begin;  // instead of `handler`
  };
  struct Route {
    std::string pattern;
    std::vector<Segment> segments;
    std::vector<Endpoint> endpoints;
    bool for_crowded = false;

    const Endpoint* Find(Method method) const;
    std::string Allowed() const;
  };

  Route& RouteFor(std::string_view pattern);
  void Add(std::string_view pattern, Endpoint endpoint);
  const Route* Match(const std::vector<std::string>& segments) const;
  void Take(const Route& route, std::vector<std::string>& segments, Request& request) const;
  std::optional<Response> Admit(Request& request) const;
  Response AnswerWithoutHandler(const Route& route, const Request& request) const;

  ErrorPage error_page_;
  std::vector<Route> routes_;
  bool has_uploads_ = false;
  std::shared_ptr<const Gate> gate_;  // may be null
  Cors cors_;
};

}  // namespace daybook::http
