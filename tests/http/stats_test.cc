#include "http/stats.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "http/probe_server.h"
#include "support/http_client.h"

namespace daybook::test {
namespace {

using http::CloseReason;
using http::Code;
using http::Stats;

std::size_t RouteNamed(const Stats& stats, const std::string& pattern) {
  const auto& routes = stats.route_descriptions;
  const auto at = std::find_if(routes.begin(), routes.end(),
                               [&](const auto& route) { return route.pattern == pattern; });
  return static_cast<std::size_t>(at - routes.begin());
}

std::uint64_t Answers(const Stats& stats, const std::string& pattern, const std::string& method,
                      Code code) {
  const auto at = std::find(http::kCountedMethods.begin(), http::kCountedMethods.end(), method);
  return stats.routes[RouteNamed(stats, pattern)].answers[static_cast<std::size_t>(
      at - http::kCountedMethods.begin())][http::IndexOfCode(code)];
}

std::uint64_t Closed(const Stats& stats, CloseReason reason) {
  return stats.connections_closed[static_cast<std::size_t>(reason)];
}

// Reads until `done`; a connection's end is counted a little after its client has seen it.
template <typename Done>
Stats ReadUntil(const ProbeServer& server, Done done) {
  const auto deadline = std::chrono::steady_clock::now() + HttpClient::kPatience;
  Stats stats = server.server().ReadStats();
  while (!done(stats) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    stats = server.server().ReadStats();
  }
  return stats;
}

TEST(HttpStats, AnswersAreCountedByRouteMethodAndCode) {
  ProbeServer server;
  HttpClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.Send(Post("/echo", "body"));
    ASSERT_EQ(client.Read()->status, 200);
  }
  client.Send(Get("/nowhere"));
  ASSERT_EQ(client.Read()->status, 404);
  client.Send("PATCH /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(client.Read()->status, 405);
  client.Send("INVENTED /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(client.Read()->status, 501);
  const Stats stats = server.server().ReadStats();
  EXPECT_EQ(Answers(stats, "/echo", "POST", Code::Ok), 3U);
  EXPECT_EQ(Answers(stats, "", "GET", Code::Not_Found), 1U);
  EXPECT_EQ(Answers(stats, "/echo", "other", Code::Method_Not_Allowed), 1U);
  EXPECT_EQ(Answers(stats, "", "other", Code::Not_Implemented), 1U);
  EXPECT_EQ(stats.requests_begun, 5U);
  EXPECT_EQ(stats.requests_ended, 5U);
  std::uint64_t durations = 0;
  for (const std::uint64_t count : stats.routes[RouteNamed(stats, "/echo")].durations.buckets)
    durations += count;
  EXPECT_EQ(durations, 4U);
}

TEST(HttpStats, BytesAndConnectionsAreCounted) {
  ProbeServer server;
  std::string all;
  const std::string request = Post("/echo", "body", "Connection: close\r\n");
  {
    HttpClient client(server.port());
    client.Send(request);
    all = client.ReadToEnd().value_or("");
  }
  const Stats stats = ReadUntil(server, [](const Stats& now) {
    return Closed(now, CloseReason::kFinished) == 1 && now.connections_open == 0;
  });
  EXPECT_EQ(stats.received_bytes, request.size());
  EXPECT_EQ(stats.sent_bytes, all.size());
  EXPECT_EQ(stats.connections_accepted, 1U);
  EXPECT_EQ(stats.connections_open, 0U);
  EXPECT_EQ(Closed(stats, CloseReason::kFinished), 1U);
}

TEST(HttpStats, ARequestThatWaitsIsInFlightUntilItIsAnsweredOrItsClientHasGone) {
  ProbeServer server;
  HttpClient waiting(server.port());
  waiting.Send(Get("/hold"));
  {
    HttpClient leaving(server.port());
    leaving.Send(Get("/hold"));
    server.WaitForHeld(2);
    EXPECT_EQ(server.server().ReadStats().requests_begun, 2U);
    EXPECT_EQ(server.server().ReadStats().requests_ended, 0U);
    leaving.Reset();
  }
  EXPECT_EQ(
      ReadUntil(server, [](const Stats& now) { return now.requests_ended == 1; }).requests_ended,
      1U);
  server.Release();
  ASSERT_EQ(waiting.Read()->status, 200);
  EXPECT_EQ(server.server().ReadStats().requests_ended, 2U);
}

TEST(HttpStats, ConnectionsAreCountedByWhyTheyEnded) {
  // Whether what `use` does with its connection ends it for that reason.
  const auto ends_by = [](CloseReason reason, const http::Limits& limits, auto use) {
    ProbeServer server(limits);
    use(HttpClient(server.port()));
    return Closed(ReadUntil(server,
                            [&](const Stats& now) {
                              return Closed(now, reason) == 1 && now.connections_open == 0;
                            }),
                  reason) == 1;
  };
  http::Limits limits;
  limits.idle_timeout = std::chrono::milliseconds(50);
  EXPECT_TRUE(ends_by(CloseReason::kIdleTimeout, limits,
                      [](HttpClient idle) { EXPECT_EQ(idle.ReadToEnd(), ""); }));
  limits = {};
  limits.header_timeout = std::chrono::milliseconds(50);
  EXPECT_TRUE(ends_by(CloseReason::kRequestTimeout, limits, [](HttpClient slow) {
    slow.Send("GET / HT");
    EXPECT_EQ(slow.Read()->status, 408);
  }));
  EXPECT_TRUE(ends_by(CloseReason::kRefused, {}, [](HttpClient broken) {
    broken.Send("GET / HTTP/1.1\r\nHost : a\r\n\r\n");
    EXPECT_EQ(broken.Read()->status, 400);
  }));
  EXPECT_TRUE(ends_by(CloseReason::kClient, {}, [](const HttpClient&) {}));
}

TEST(HttpStats, ConnectionsAboveTheLimitAreCountedAsRefused) {
  http::Limits limits;
  limits.connections_max = 1;
  limits.connections_spare = 1;
  ProbeServer server(limits);
  HttpClient first(server.port());
  first.Send(Get("/target"));
  ASSERT_EQ(first.Read()->status, 200);
  HttpClient spare(server.port());
  HttpClient refused(server.port());
  EXPECT_EQ(refused.Read()->status, 503);
  spare.Send(Get("/target"));
  EXPECT_EQ(spare.Read()->status, 503);
  const Stats stats = server.server().ReadStats();
  EXPECT_EQ(stats.connections_refused, 2U);
  EXPECT_EQ(stats.connections_accepted, 2U);
}

TEST(HttpStats, EveryCodeThatIsAnsweredHasItsOwnCount) {
  for (const int code : {200, 201, 204, 304, 400, 401, 403, 404, 405, 408, 409, 410, 412,
                         413, 414, 415, 416, 422, 429, 431, 500, 501, 503, 505, 507}) {
    EXPECT_EQ(http::kCountedCodes[http::IndexOfCode(static_cast<Code>(code))], code);
  }
  EXPECT_EQ(http::IndexOfCode(static_cast<Code>(418)), 0U);
}

}  // namespace
}  // namespace daybook::test
