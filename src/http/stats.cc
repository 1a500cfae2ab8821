#include "http/stats.h"

#include <algorithm>
#include <utility>

namespace daybook::http {
namespace {

constexpr std::size_t kCodesEnd = 600;

constexpr std::array<std::uint8_t, kCodesEnd> kIndexByCode = [] {
  std::array<std::uint8_t, kCodesEnd> indexes{};
  for (std::size_t i = 1; i < kCountedCodes.size(); ++i)
    indexes[static_cast<std::size_t>(kCountedCodes[i])] = static_cast<std::uint8_t>(i);
  return indexes;
}();

}  // namespace

std::size_t IndexOfMethod(Method method) {
  switch (method) {
    case Method::Get:
      return 0;
    case Method::Head:
      return 1;
    case Method::Post:
      return 2;
    case Method::Put:
      return 3;
    case Method::Delete:
      return 4;
    case Method::Options:
      return 5;
    default:
      return kCountedMethods.size() - 1;
  }
}

std::size_t IndexOfCode(Code code) {
  const auto number = static_cast<std::size_t>(code);
  return number < kCodesEnd ? kIndexByCode[number] : 0;
}

void Stats::Add(const WorkerStats& worker) {
  routes.resize(std::max(routes.size(), worker.routes.size()));
  for (std::size_t route = 0; route < worker.routes.size(); ++route) {
    const RouteStats<Counter>& from = worker.routes[route];
    RouteStats<std::uint64_t>& to = routes[route];
    for (std::size_t method = 0; method < kCountedMethods.size(); ++method) {
      for (std::size_t code = 0; code < kCountedCodes.size(); ++code)
        AddTo(to.answers[method][code], from.answers[method][code]);
    }
    AddTo(to.durations, from.durations);
  }
  // In this order no request is seen to end that was not seen to begin.
  AddTo(requests_ended, worker.requests_ended);
  AddTo(requests_begun, worker.requests_begun);
  AddTo(received_bytes, worker.received_bytes);
  AddTo(sent_bytes, worker.sent_bytes);
  AddTo(connections_accepted, worker.connections_accepted);
  AddTo(connections_refused, worker.connections_refused);
  for (std::size_t reason = 0; reason < connections_closed.size(); ++reason)
    AddTo(connections_closed[reason], worker.connections_closed[reason]);
}

}  // namespace daybook::http
