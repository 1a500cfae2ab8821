#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "http/probe_server.h"
#include "support/http_client.h"

namespace daybook::test {
namespace {

using std::chrono::milliseconds;

TEST(Drain, AnswersWhatIsUnderWayWithConnectionCloseAndEnds) {
  ProbeServer server({}, 1);  // one worker: when it has closed the idle connection it drains
  HttpClient idle(server.port());
  HttpClient held(server.port());
  HttpClient half(server.port());
  idle.Send(Get("/target?x"));
  ASSERT_EQ(idle.Read()->status, 200);
  half.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_EQ(half.Read()->status, 100);
  held.Send(Get("/hold"));
  server.WaitForHeld(1);
  auto drained =
      std::async(std::launch::async, [&] { return server.server().Drain(milliseconds(20'000)); });
  EXPECT_EQ(idle.ReadToEnd(), "");
  server.Release();
  const auto reply = held.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->body, "released");
  EXPECT_EQ(reply->Field("connection"), "close");
  EXPECT_EQ(held.ReadToEnd(), "");
  held.HalfClose();
  half.Send("body");
  const auto finished = half.Read();
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->body, "body");
  EXPECT_EQ(finished->Field("connection"), "close");
  half.HalfClose();
  EXPECT_TRUE(drained.get());
}

TEST(Drain, NoNewConnectionIsTaken) {
  ProbeServer server;
  ASSERT_TRUE(server.server().Drain(milliseconds(20'000)));
  EXPECT_THROW(HttpClient(server.port()), std::runtime_error);
}

TEST(Drain, AClientThatDoesNotFinishDelaysItByTheTimeOutOnly) {
  ProbeServer server;
  HttpClient half(server.port());
  half.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_EQ(half.Read()->status, 100);
  EXPECT_FALSE(server.server().Drain(milliseconds(50)));
  EXPECT_EQ(server.server().connections(), 1U);
}

TEST(Drain, EveryRequestThatWasReceivedInFullIsAnswered) {
  for (int round = 0; round < 20; ++round) {
    ProbeServer server;
    std::vector<HttpClient> clients;
    for (int i = 0; i < 50; ++i) clients.emplace_back(server.port());
    for (HttpClient& client : clients) ASSERT_TRUE(client.Send(Post("/echo", "x")));
    auto drained =
        std::async(std::launch::async, [&] { return server.server().Drain(milliseconds(20'000)); });
    for (HttpClient& client : clients) {
      const auto reply = client.Read();
      ASSERT_TRUE(reply.has_value()) << round;
      ASSERT_EQ(reply->body, "x");
      client.HalfClose();
    }
    EXPECT_TRUE(drained.get());
  }
}

}  // namespace
}  // namespace daybook::test
