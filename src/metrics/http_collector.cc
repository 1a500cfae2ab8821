#include <prometheus/metric_family.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "metrics/collectors.h"
#include "metrics/family.h"

namespace daybook::metrics {
namespace {

using http::Code;
using http::kCountedCodes;
using http::kCountedMethods;
using http::Stats;

constexpr const char* kNoRoute = "none";

// Requests by route, method and code, of all servers together.
class Requests {
 public:
  void Add(const Stats& stats) {
    for (std::size_t route = 0; route < stats.routes.size(); ++route) {
      const bool routed = route < stats.route_descriptions.size();
      const std::string name = routed ? stats.route_descriptions[route].pattern : kNoRoute;
      for (std::size_t method = 0; method < kCountedMethods.size(); ++method) {
        for (std::size_t code = 0; code < kCountedCodes.size(); ++code) {
          if (const std::uint64_t count = stats.routes[route].answers[method][code])
            counts_[{name, method, code}] += count;
        }
      }
      if (routed) {
        AddUsual(stats.route_descriptions[route]);
      } else {
        AddUsualWithoutRoute();
      }
    }
  }

  prometheus::MetricFamily Take() const {
    Family family(kHttpRequests);
    for (const auto& [labels, count] : counts_) {
      const auto& [route, method, code] = labels;
      family.Add(static_cast<double>(count),
                 {route, kCountedMethods[method],
                  code == 0 ? "other" : std::to_string(kCountedCodes[code])});
    }
    return std::move(family).Take();
  }

 private:
  // What any client can bring about, and failures, are there from the start, as 0: a rate over them
  // has a beginning, and nobody makes series appear at will.
  void AddUsual(const http::RouteDescription& route) {
    for (std::size_t method = 0; method < kCountedMethods.size(); ++method) {
      const bool answers = std::any_of(
          route.methods.begin(), route.methods.end(),
          [&](http::Method registered) { return http::IndexOfMethod(registered) == method; });
      const bool options = method == http::IndexOfMethod(http::Method::Options);
      if (options) {
        Touch(route.pattern, method, Code::No_Content);
      } else if (answers) {
        for (const Code code : {Code::Ok, Code::Bad_Request, Code::Not_Found,
                                Code::Internal_Server_Error, Code::Service_Unavailable})
          Touch(route.pattern, method, code);
        if (method == http::IndexOfMethod(http::Method::Post))
          Touch(route.pattern, method, Code::Insufficient_Storage);
      } else {
        Touch(route.pattern, method, Code::Method_Not_Allowed);
      }
    }
  }
  void AddUsualWithoutRoute() {
    for (std::size_t method = 0; method < kCountedMethods.size(); ++method) {
      for (const Code code : {Code::Bad_Request, Code::Not_Found}) Touch(kNoRoute, method, code);
    }
    Touch(kNoRoute, kCountedMethods.size() - 1, Code::Not_Implemented);
  }
  void Touch(const std::string& route, std::size_t method, Code code) {
    counts_.try_emplace({route, method, http::IndexOfCode(code)}, 0);
  }

  std::map<std::tuple<std::string, std::size_t, std::size_t>, std::uint64_t> counts_;
};

prometheus::MetricFamily Durations(const std::vector<Stats>& all) {
  std::map<std::string, DurationHistogram<std::uint64_t>> histograms;
  for (const Stats& stats : all) {
    for (std::size_t route = 0; route < stats.route_descriptions.size(); ++route)
      AddTo(histograms[stats.route_descriptions[route].pattern], stats.routes[route].durations);
  }
  Family family(kHttpDuration);
  for (const auto& [route, histogram] : histograms) family.Add(histogram, {route});
  return std::move(family).Take();
}

template <typename Read>
prometheus::MetricFamily Sum(const Metric& metric, const std::vector<Stats>& all, Read read) {
  double sum = 0;
  for (const Stats& stats : all) sum += static_cast<double>(read(stats));
  return std::move(Family(metric).Add(sum)).Take();
}

prometheus::MetricFamily Closed(const std::vector<Stats>& all) {
  Family family(kHttpClosed);
  for (std::size_t reason = 0; reason < http::kCloseReasonNames.size(); ++reason) {
    double sum = 0;
    for (const Stats& stats : all) sum += static_cast<double>(stats.connections_closed[reason]);
    family.Add(sum, {http::kCloseReasonNames[reason]});
  }
  return std::move(family).Take();
}

}  // namespace

Families HttpCollector::Collect() const {
  std::vector<Stats> all;
  Requests requests;
  for (const http::Server* server : servers_) requests.Add(all.emplace_back(server->ReadStats()));
  return {
      requests.Take(),
      Durations(all),
      Sum(kHttpInFlight, all, [](const Stats& s) { return s.requests_begun - s.requests_ended; }),
      Sum(kHttpReceivedBytes, all, [](const Stats& s) { return s.received_bytes; }),
      Sum(kHttpSentBytes, all, [](const Stats& s) { return s.sent_bytes; }),
      Sum(kHttpConnections, all, [](const Stats& s) { return s.connections_open; }),
      Sum(kHttpAccepted, all, [](const Stats& s) { return s.connections_accepted; }),
      Sum(kHttpRefused, all, [](const Stats& s) { return s.connections_refused; }),
      Closed(all),
  };
}

}  // namespace daybook::metrics
