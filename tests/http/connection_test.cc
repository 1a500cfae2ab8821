// What a client sees of HTTP/1.1 over a real socket.

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "http/probe_server.h"
#include "support/http_client.h"

namespace daybook::test {
namespace {

class ConnectionTest : public testing::Test {
 protected:
  HttpClient Connect() { return HttpClient(server_.port()); }

  ProbeServer server_;
};

TEST_F(ConnectionTest, IsKeptAliveWithoutAConnectionField) {
  HttpClient client = Connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send(Post("/echo", "body " + std::to_string(i))));
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "body " + std::to_string(i));
    EXPECT_EQ(reply->Field("connection"), "");
    EXPECT_EQ(reply->Field("date").size(), std::string("Tue, 15 Nov 1994 08:12:31 GMT").size());
  }
  EXPECT_TRUE(client.StaysSilent(std::chrono::milliseconds(20)));
}

TEST_F(ConnectionTest, ClosesWhenAskedTo) {
  HttpClient client = Connect();
  client.Send(Get("/big?3", "Connection: close\r\n"));
  const auto reply = client.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->Field("connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(ConnectionTest, Http10IsClosedUnlessItAsksToBeKept) {
  HttpClient closed = Connect();
  closed.Send("GET /big?3 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closed.Read()->Field("connection"), "close");
  EXPECT_EQ(closed.ReadToEnd(), "");
  HttpClient kept = Connect();
  for (int i = 0; i < 2; ++i) {
    kept.Send("GET /big?3 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    const auto reply = kept.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->Field("connection"), "keep-alive");
    EXPECT_EQ(reply->Field("transfer-encoding"), "");
  }
}

TEST_F(ConnectionTest, PipelinedRequestsAreAnsweredInTheirOrder) {
  HttpClient client = Connect();
  std::string requests;
  for (int i = 0; i < 200; ++i)
    requests +=
        i % 3 == 0 ? Get("/later?" + std::to_string(i)) : Get("/target?" + std::to_string(i));
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < 200; ++i) {
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value()) << i;
    EXPECT_EQ(reply->body, (i % 3 == 0 ? "" : "/target ") + std::to_string(i));
  }
}

TEST_F(ConnectionTest, AChunkedUploadMayBeSplitAtEveryByte) {
  const std::string bytes =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n "
      "world\r\n0\r\nT: x\r\n\r\n";
  HttpClient client = Connect();
  for (std::size_t split = 1; split < bytes.size(); ++split) {
    ASSERT_TRUE(client.Send(bytes.substr(0, split)));
    // The server has read the first part when it answers somebody else: it reads in the order of
    // arrival.
    ASSERT_TRUE(client.Send(bytes.substr(split)));
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value()) << split;
    ASSERT_EQ(reply->body, "hello world") << split;
  }
}

TEST_F(ConnectionTest, ARequestMayArriveAByteAtATime) {
  HttpClient client = Connect();
  const std::string bytes =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
  for (const char byte : bytes + Get("/target?x")) ASSERT_TRUE(client.Send(std::string(1, byte)));
  EXPECT_EQ(client.Read()->body, "ok");
  EXPECT_EQ(client.Read()->body, "/target x");
}

TEST_F(ConnectionTest, LargeChunkedUploadsArriveWhole) {
  HttpClient client = Connect();
  unsigned seed = 7;
  for (int upload = 0; upload < 100; ++upload) {
    std::string body;
    std::string bytes = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int chunk = 0; chunk < 20; ++chunk) {
      seed = seed * 1103515245 + 12345;
      const std::string data(2000 + seed % 7000, static_cast<char>('a' + chunk));
      char size[16];
      std::snprintf(size, sizeof size, "%zx\r\n", data.size());
      bytes += size + data + "\r\n";
      body += data;
    }
    ASSERT_TRUE(client.Send(bytes + "0\r\n\r\n"));
    ASSERT_EQ(client.Read()->body, body) << upload;
  }
}

TEST_F(ConnectionTest, HeadHasTheLengthButNoBody) {
  HttpClient client = Connect();
  client.Send("HEAD /big?1000 HTTP/1.1\r\nHost: a\r\n\r\n" + Get("/target?next"));
  const auto reply = client.Read(true);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->Field("content-length"), "1000");
  EXPECT_EQ(client.Read()->body, "/target next");
}

TEST_F(ConnectionTest, NoContentHasNoLength) {
  HttpClient client = Connect();
  client.Send(Get("/none") + Get("/target?next"));
  const auto reply = client.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 204);
  EXPECT_EQ(reply->Field("content-length"), "");
  EXPECT_EQ(client.Read()->body, "/target next");
}

TEST_F(ConnectionTest, AnExpectedContinueIsSentAndTheBodyTaken) {
  HttpClient client = Connect();
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Read()->status, 100);
  client.Send("body");
  EXPECT_EQ(client.Read()->body, "body");
}

TEST_F(ConnectionTest, NoContinueIsSentForABodyThatIsTooLargeOrThereAlready) {
  HttpClient refused = Connect();
  refused.Send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\nExpect: "
      "100-continue\r\n\r\n");
  EXPECT_EQ(refused.Read()->status, 413);
  HttpClient eager = Connect();
  eager.Send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody");
  EXPECT_EQ(eager.Read()->status, 200);
}

TEST_F(ConnectionTest, UpgradeOffersAreIgnored) {
  HttpClient client = Connect();
  client.Send(Get(
      "/target?x",
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n"));
  EXPECT_EQ(client.Read()->body, "/target x");
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_EQ(client.Read()->status, 505);
}

TEST_F(ConnectionTest, OrdinaryFieldsOfAllKindsAreTaken) {
  HttpClient client = Connect();
  client.Send(Get(
      "/target?x",
      "Accept: text/html, image/gif, *; q=.2, */*; q=.2\r\nAccept:\r\nContent-Type: foo\r\nCookie: "
      "a\r\n"
      "Cache-Control: immutable\r\nDate: yesterday\r\nX-Latin: \xe9\r\nUser-Agent: a (b; c)\r\n"));
  EXPECT_EQ(client.Read()->status, 200);
}

TEST_F(ConnectionTest, AClientThatHalfClosesStillGetsItsAnswers) {
  HttpClient client = Connect();
  client.Send(Get("/later?a") + Get("/target?b"));
  client.HalfClose();
  EXPECT_EQ(client.Read()->body, "a");
  EXPECT_EQ(client.Read()->body, "/target b");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(ConnectionTest, AMalformedRequestIsAnsweredAfterThoseBeforeItAndClosed) {
  HttpClient client = Connect();
  client.Send(Get("/target?a") + "GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n" +
              Get("/target?never"));
  EXPECT_EQ(client.Read()->body, "/target a");
  const auto error = client.Read();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->status, 400);
  EXPECT_EQ(error->Field("connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(ConnectionTest, ALongPathOfSlashesIsJustNotFound) {
  HttpClient client = Connect();
  client.Send(Get(std::string(8000, '/')));
  EXPECT_EQ(client.Read()->status, 404);
}

}  // namespace
}  // namespace daybook::test
