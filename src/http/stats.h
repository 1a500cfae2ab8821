// What a server counts: requests, bytes, connections.
//
// Each worker has a WorkerStats of its own that it alone writes, so that counting costs a request
// next to nothing; a reader adds the workers' up. Labels are bounded: routes are those of the
// router, methods and codes those named here, everything else is one more.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "http/close_reason.h"
#include "http/router.h"
#include "http/vocabulary.h"

namespace daybook::http {

inline constexpr std::array<std::string_view, 7> kCountedMethods = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "other"};
std::size_t IndexOfMethod(Method method);

// 0 stands for every other code.
inline constexpr std::array<int, 29> kCountedCodes = {
    0,   200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412,
    413, 414, 415, 416, 417, 422, 429, 431, 500, 501, 502, 503, 505, 507};
std::size_t IndexOfCode(Code code);

// Of one route: `Count` is Counter while counting and std::uint64_t when read.
template <typename Count>
struct RouteStats {
  std::array<std::array<Count, kCountedCodes.size()>, kCountedMethods.size()> answers{};
  DurationHistogram<Count> durations;
};

template <typename Count>
struct BasicStats {
  std::vector<RouteStats<Count>> routes;  // in the router's order; the last is for no route
  Count requests_begun{};                 // given to a handler
  Count requests_ended{};                 // of these
  Count received_bytes{};
  Count sent_bytes{};
  Count connections_accepted{};
  Count connections_refused{};
  std::array<Count, kCloseReasonNames.size()> connections_closed{};
};

class WorkerStats : public BasicStats<Counter> {
 public:
  // `route_count` is the router's, without the one for no route.
  explicit WorkerStats(std::size_t route_count) {
    routes = std::vector<RouteStats<Counter>>(route_count + 1);
  }

  void CountAnswer(std::size_t route, std::size_t method, Code code) {
    routes[route].answers[method][IndexOfCode(code)].Add();
  }
  void CountDuration(std::size_t route, std::chrono::nanoseconds duration) {
    routes[route].durations.Observe(duration);
  }
  void CountClosed(CloseReason reason) {
    connections_closed[static_cast<std::size_t>(reason)].Add();
  }
};

// A reading of all workers' counts; each is exact, together they are of slightly different moments.
struct Stats : BasicStats<std::uint64_t> {
  std::vector<RouteDescription> route_descriptions;  // as `routes`, without its last
  std::uint64_t connections_open = 0;

  void Add(const WorkerStats& worker);
};

}  // namespace daybook::http
