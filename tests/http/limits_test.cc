// Limits and time-outs, and clients that test them.

#include <gtest/gtest.h>

#include <ctime>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http/probe_server.h"
#include "support/http_client.h"

namespace daybook::test {
namespace {

using std::chrono::milliseconds;

http::Limits Short() {
  http::Limits limits;
  limits.header_timeout = milliseconds(200);
  limits.body_timeout = milliseconds(200);
  limits.write_timeout = milliseconds(200);
  limits.linger_timeout = milliseconds(300);
  return limits;
}

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// Fills every buffer on the way: an answer far larger than they are, of which nothing is read.
HttpClient SlowReader(ProbeServer& server) {
  HttpClient client(server.port(), 4096);
  client.Send(Get("/big?67108864"));
  EXPECT_EQ(client.ReadSome(100).size(), 100U);
  return client;
}

TEST(Limits, A413IsReadWholeAndItsBodyIsNeverARequest) {
  ProbeServer server;
  for (const char* framing :
       {"Content-Length: 69206016\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n4200000\r\n"}) {
    HttpClient client(server.port());
    ASSERT_TRUE(client.Send("POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(framing)));
    std::string piece;
    while (piece.size() < 1 << 20) piece += Get("/target?smuggled");
    for (int megabyte = 0; megabyte < 66; ++megabyte) ASSERT_TRUE(client.Send(piece)) << megabyte;
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 413);
    EXPECT_EQ(reply->Field("connection"), "close");
    client.HalfClose();
    EXPECT_EQ(client.ReadToEnd(), "");
    HttpClient next(server.port());
    next.Send(Post("/echo", "0123456789"));
    EXPECT_EQ(next.Read()->body, "0123456789");
  }
}

TEST(Limits, OverlongTargetsAndHeadersAreRefused) {
  ProbeServer server;
  HttpClient target(server.port());
  target.Send("GET /" + std::string(9000, 'x'));
  EXPECT_EQ(target.Read()->status, 414);
  HttpClient header(server.port());
  header.Send("GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(40000, 'x'));
  EXPECT_EQ(header.Read()->status, 431);
}

TEST(Limits, AnIdleConnectionIsClosedWithoutAByte) {
  http::Limits limits;
  limits.idle_timeout = milliseconds(300);
  ProbeServer server(limits);
  HttpClient fresh(server.port());
  std::optional<HttpClient> used;
  do {  // one whose request came in time
    used.emplace(server.port());
    used->Send(Get("/target?x"));
  } while (!used->Read());
  EXPECT_EQ(fresh.ReadToEnd(), "");
  EXPECT_EQ(used->ReadToEnd(), "");
}

TEST(Limits, AHeaderThatTricklesIs408) {
  ProbeServer server(Short());
  HttpClient client(server.port());
  const std::string header = "GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(10'000, 'x');
  std::size_t sent = 0;
  while (client.StaysSilent(milliseconds(5)) && sent < header.size())
    client.Send(header.substr(sent++, 1));
  const auto reply = client.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 408);
  EXPECT_EQ(reply->Field("connection"), "close");
  EXPECT_LT(sent, header.size());
}

TEST(Limits, ABodyThatStallsOrTricklesIs408) {
  ProbeServer server(Short());
  HttpClient stalls(server.port());
  stalls.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_EQ(stalls.Read()->status, 408);
  HttpClient trickles(server.port());
  trickles.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  while (trickles.StaysSilent(milliseconds(5))) trickles.Send("x");
  EXPECT_EQ(trickles.Read()->status, 408);
}

TEST(Limits, ABodyThatKeepsComingMayTakeLongerThanItsTimeOut) {
  http::Limits limits;
  limits.body_timeout = milliseconds(2'000);
  ProbeServer server(limits);
  HttpClient client(server.port());
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n");
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.StaysSilent(milliseconds(25)));
    ASSERT_TRUE(client.Send(std::string(20'000, 'x')));
  }
  EXPECT_EQ(client.Read()->body.size(), 2'000'000U);
}

TEST(Limits, ASecondRequestHasItsOwnHeaderTimeOut) {
  ProbeServer server(Short());
  HttpClient client(server.port());
  client.Send(Get("/target?x") + "GET /tar");
  EXPECT_EQ(client.Read()->status, 200);
  EXPECT_EQ(client.Read()->status, 408);
}

TEST(Limits, ASlowReaderDelaysNobodyAndCostsNothing) {
  ProbeServer server({}, 1);
  const HttpClient slow = SlowReader(server);
  HttpClient other(server.port());
  const double cpu_before = CpuSeconds();
  EXPECT_TRUE(other.StaysSilent(milliseconds(300)));
  EXPECT_LT(CpuSeconds() - cpu_before, 0.1) << "of 0.3 s";
  other.Send(Get("/target?x"));
  EXPECT_EQ(other.Read()->status, 200);
}

TEST(Limits, ASlowReaderGetsItAllWhenItReadsOn) {
  ProbeServer server;
  HttpClient slow = SlowReader(server);
  std::size_t left = 67'108'864;
  std::size_t got = slow.ReadSome(left).size();
  EXPECT_GE(got, left - 300);  // the head was read before
}

TEST(Limits, AReaderThatStoppedIsDroppedAfterTheWriteTimeOut) {
  ProbeServer server(Short());
  HttpClient slow = SlowReader(server);
  HttpClient trickles = SlowReader(server);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (server.server().connections() > 0 && std::chrono::steady_clock::now() < deadline) {
    trickles.ReadSome(1);
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(server.server().connections(), 0U);
}

TEST(Limits, AnswersThatNobodyReadsHoldBackTheRequestsBehindThem) {
  http::Limits limits;
  limits.unread_answer_bytes_max = 64 << 10;
  ProbeServer server(limits, 1);
  const std::size_t before = ResidentBytes();
  HttpClient client(server.port(), 4096);
  // Large enough that the kernel does not take a hundred thousand of them.
  const std::string request = Get("/big?10000", "X-Filling: " + std::string(4000, 'x') + "\r\n");
  std::string pending;
  std::size_t requests = 0;
  const auto send_some = [&] {
    if (pending.empty()) {
      pending = request;
      ++requests;
    }
    const std::size_t sent = client.SendSome(pending);
    pending.erase(0, sent);
    return sent > 0;
  };
  // Sends until the server stops reading, which it must: its answers go nowhere.
  for (bool sent = true; sent;) {
    while (send_some()) {
    }
    HttpClient other(server.port());  // it is the connection that is held back, not the server
    other.Send(Get("/target?x"));
    ASSERT_EQ(other.Read()->status, 200);
    sent = send_some();
  }
  if (!kSanitized) {
    EXPECT_LT(ResidentBytes(), before + (6U << 20));
  }
  client.HalfClose();
  std::thread rest([&] { client.Send(pending); });
  for (std::size_t i = 0; i + 1 < requests; ++i) {
    const auto reply = client.Read();
    const bool whole = reply.has_value() && reply->body.size() == 10'000U;
    EXPECT_TRUE(whole) << i << " of " << requests << ", " << client.state();
    if (!whole) break;
  }
  rest.join();
}

TEST(Limits, AClientThatHasClosedItsSideReadsAllAnswersBeforeAndOfARefusedRequest) {
  constexpr int kRequests = 400;
  http::Limits limits;
  limits.unread_answer_bytes_max = 64 << 10;
  ProbeServer server(limits, 1);
  HttpClient client(server.port(), 4096);
  std::string requests;
  for (int i = 0; i < kRequests; ++i) requests += Get("/big?10000");
  // What stands behind the refused request is still there when nothing more is to be sent.
  requests += "no request\r\n\r\n" + std::string(256 << 10, 'x');
  ASSERT_TRUE(client.Send(requests));
  client.HalfClose();
  for (int i = 0; i < kRequests; ++i) {
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value()) << i << ", " << client.state();
    ASSERT_EQ(reply->status, 200);
  }
  const auto refusal = client.Read();
  ASSERT_TRUE(refusal.has_value()) << client.state();
  EXPECT_EQ(refusal->status, 400);
}

// A server all of whose ordinary connections are taken.
class CrowdedTest : public testing::Test {
 protected:
  explicit CrowdedTest(std::size_t spare = 256, milliseconds spare_timeout = HttpClient::kPatience)
      : server_(WithSpare(spare, spare_timeout)) {
    for (int i = 0; i < 3; ++i) {
      crowd_.emplace_back(server_.port());
      crowd_.back().Send(Get("/target?x"));
      EXPECT_EQ(crowd_.back().Read()->status, 200);
    }
  }

  void ExpectTheCrowdIsServed() {
    crowd_.front().Send(Get("/target?x"));
    EXPECT_EQ(crowd_.front().Read()->status, 200);
  }
  std::uint64_t refused() const { return server_.server().ReadStats().connections_refused; }

  ProbeServer server_;
  std::vector<HttpClient> crowd_;

 private:
  static http::Limits WithSpare(std::size_t spare, milliseconds spare_timeout) {
    http::Limits limits;
    limits.connections_max = 3;
    limits.connections_spare = spare;
    limits.spare_timeout = spare_timeout;
    return limits;
  }
};

TEST_F(CrowdedTest, OneConnectionTooManyIsTold503) {
  for (const std::string& request :
       {Get("/target?x"), Get("/nowhere"), Post("/echo", "x"), Post("/for-crowded", ""),
        std::string("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n")}) {
    const std::uint64_t before = refused();
    HttpClient client(server_.port());
    client.Send(request);
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value()) << request;
    EXPECT_EQ(reply->status, 503) << request;
    EXPECT_EQ(reply->Field("connection"), "close");
    EXPECT_EQ(refused(), before + 1);
  }
  ExpectTheCrowdIsServed();
}

TEST_F(CrowdedTest, ProbesAreAnsweredOnce) {
  for (int i = 0; i < 5; ++i) {
    HttpClient probe(server_.port());
    probe.Send(Get("/for-crowded") + Get("/for-crowded"));
    const auto reply = probe.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->Field("connection"), "close");
    EXPECT_EQ(probe.ReadToEnd(), "");
  }
  EXPECT_EQ(refused(), 0U);
  ExpectTheCrowdIsServed();
}

class CrowdedAndImpatientTest : public CrowdedTest {
 protected:
  CrowdedAndImpatientTest() : CrowdedTest(256, milliseconds(200)) {}
};

TEST_F(CrowdedAndImpatientTest, OneThatSaysNothingIsTold503) {
  for (const char* beginning : {"", "GET /for-cro"}) {
    HttpClient silent(server_.port());
    silent.Send(beginning);
    const auto reply = silent.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 503);
  }
  EXPECT_EQ(refused(), 2U);
}

TEST_F(CrowdedTest, APlaceThatIsFreeAgainIsTaken) {
  crowd_.pop_back();
  for (;;) {
    HttpClient client(server_.port());
    client.Send(Get("/target?x"));
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value());
    if (reply->status == 200) break;
  }
}

class CrowdedWithoutSpareTest : public CrowdedTest {
 protected:
  CrowdedWithoutSpareTest() : CrowdedTest(0) {}
};

TEST_F(CrowdedWithoutSpareTest, OneConnectionTooManyIsTold503Unread) {
  HttpClient refused_client(server_.port());
  const auto reply = refused_client.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(refused(), 1U);
  ExpectTheCrowdIsServed();
}

}  // namespace
}  // namespace daybook::test
