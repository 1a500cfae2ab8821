// Dialect 1 and the operators' routes over a real socket.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "api/api.h"
#include "http/server.h"
#include "log/memory_store.h"
#include "support/http_client.h"

namespace daybook::api {
namespace {

using test::Get;
using test::Post;
using test::Reply;

class SeedTest : public testing::Test {
 protected:
  SeedTest() {
    http::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    server_ = std::move(
        *http::Server::Start(options, MakeRouter(store_, {"1.2.3", "abc", "g++"}, {1 << 20}, {},
                                                 [this] { return leaving_.load(); })));
    client_ = std::make_unique<test::HttpClient>(server_->port());
  }
  Reply Ask(const std::string& request) {
    client_->Send(request);
    const auto reply = client_->Read();
    EXPECT_TRUE(reply.has_value()) << request;
    return reply.value_or(Reply{});
  }
  Reply Append(const std::string& body, const std::string& fields = "") {
    return Ask(Post("/", body, fields));
  }
  Reply Read(const std::string& body, const std::string& target = "/") {
    return Ask("GET " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  std::atomic<bool> leaving_{false};
  log::MemoryLogStore store_{Clock::System(), 8 << 20};
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<test::HttpClient> client_;
};

TEST_F(SeedTest, TheTutorialsOwnExchangesWork) {
  const Reply appended = Append(R"({"record":{"value":"TGV0J3MgR28gIzEK"}})",
                                "Content-Type: application/x-www-form-urlencoded\r\n");
  EXPECT_EQ(appended.status, 200);
  EXPECT_EQ(appended.body, "{\"offset\":0}\n");
  EXPECT_EQ(appended.Field("durability"), "memory");
  EXPECT_EQ(appended.Field("content-type"), "application/json");
  EXPECT_EQ(appended.Field("cache-control"), "no-store");
  const Reply read = Read(R"({"offset":0})");
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.body, "{\"record\":{\"value\":\"TGV0J3MgR28gIzEK\",\"offset\":0}}\n");
  EXPECT_EQ(read.Field("cache-control"), "no-store");
}

TEST_F(SeedTest, AnOffsetMayStandInTheQuery) {
  Append(R"({"record":{"value":"YQ=="}})");
  EXPECT_EQ(Ask(Get("/?offset=0")).body, "{\"record\":{\"value\":\"YQ==\",\"offset\":0}}\n");
  EXPECT_EQ(Ask(Get("/?%6fffset=%30")).status, 200);
  EXPECT_EQ(Read(R"({"offset":0})", "/?offset=0").status, 400);
}

TEST_F(SeedTest, OffsetsAtOrPastTheEndAreNotFound) {
  for (const char* offset : {"0", "1", "18446744073709551615"}) {
    const Reply reply = Read("{\"offset\":" + std::string(offset) + "}");
    EXPECT_EQ(reply.status, 404) << offset;
    EXPECT_NE(reply.body.find("\"title\":\"offset not found\""), std::string::npos);
    EXPECT_EQ(reply.Field("content-type"), "application/problem+json");
    EXPECT_EQ(reply.Field("cache-control"), "no-store");
  }
}

TEST_F(SeedTest, WhatIsNoOffsetIs400) {
  Append(R"({"record":{"value":""}})");
  for (const char* body :
       {"null", "[]", "1", "\"a\"", "{", "{\"offset\":-1}", "{\"offset\":-0}", "{\"offset\":1.0}",
        "{\"offset\":0e0}", "{\"offset\":\"0\"}", "{\"offset\":null}", "{\"offset\":[0]}",
        "{\"offset\":{}}", "{\"offset\":true}", "{\"offset\":18446744073709551616}",
        "{\"offset\":0}{}", "{\"offset\":0,\"offset\":0}"}) {
    EXPECT_EQ(Read(body).status, 400) << body;
  }
  for (const char* query :
       {"offset=", "offset=-1", "offset=+1", "offset=1.0", "offset=x", "offset=0&offset=0",
        "other=1", "offset=18446744073709551616", "offset=%", "offset=0%00"}) {
    const Reply reply = Ask(Get("/?" + std::string(query)));
    EXPECT_EQ(reply.status, 400) << query;
    EXPECT_NE(reply.body.find(std::string(query).substr(0, 5)), std::string::npos) << reply.body;
  }
}

TEST_F(SeedTest, WhatTheTutorialIgnoresIsIgnored) {
  EXPECT_EQ(
      Append(
          R"({"record":{"offset":99,"value":"YQ==","more":[{"value":1}]},"other":{"record":{"value":3}}})")
          .body,
      "{\"offset\":0}\n");
  EXPECT_EQ(Append(R"({"record":{}})").body, "{\"offset\":1}\n");
  EXPECT_EQ(Read("{}").body, "{\"record\":{\"value\":\"YQ==\",\"offset\":0}}\n");
  EXPECT_EQ(Read(R"({"OFFSET":7,"x":{"offset":8}})").status, 200) << "names are case-sensitive";
  EXPECT_EQ(Read(R"({"offset":1})").body, "{\"record\":{\"value\":\"\",\"offset\":1}}\n");
}

TEST_F(SeedTest, ABadAppendIs400AndNothingIsAppended) {
  for (const char* body :
       {"", "null", "[]", "{}", "x", "{\"record\":null}", "{\"record\":[]}",
        "{\"record\":\"YQ==\"}", "{\"Record\":{}}", "{\"record\":{\"value\":null}}",
        "{\"record\":{\"value\":1}}", "{\"record\":{\"value\":{}}}",
        "{\"record\":{\"value\":\"a\"}}", "{\"record\":{\"value\":\"YR==\"}}",
        "{\"record\":{\"value\":\"YQ\"}}", "{\"record\":{\"value\":\"YQ==\"}} x",
        "{\"record\":{\"value\":\"YQ==\",\"value\":\"YQ==\"}}"}) {
    const Reply reply = Append(body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_NE(reply.body.find("\"outcome\":\"not_appended\""), std::string::npos) << body;
  }
  EXPECT_EQ(Ask(Post("/?x=1", R"({"record":{}})")).status, 400);
  EXPECT_EQ(Append(R"({"record":{}})").body, "{\"offset\":0}\n");
}

TEST_F(SeedTest, ACompressedBodyIs415) {
  const Reply reply = Append("x", "Content-Encoding: gzip\r\n");
  EXPECT_EQ(reply.status, 415);
  EXPECT_EQ(reply.Field("accept-encoding"), "identity");
  const std::string body = R"({"record":{}})";
  EXPECT_EQ(Append(body, "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n").status, 415);
  EXPECT_EQ(Append(body, "Content-Encoding: Identity\r\n").status, 200);
  EXPECT_EQ(Ask(Get("/?offset=0", "Content-Encoding: gzip\r\n")).status, 200) << "without a body";
}

TEST_F(SeedTest, AValueAboveTheLimitIs413AndAFullLog507) {
  const std::string megabyte =
      std::string(1398100, 'A') + "AA==";  // 2^20 bytes are 1398104 characters
  EXPECT_EQ(Append("{\"record\":{\"value\":\"" + std::string(1398104, 'A') + "\"}}").status, 413);
  int appended = 0;
  Reply reply;
  while (
      (reply = Append("{\"record\":{\"value\":\"" + megabyte.substr(0, 1398096) + "\"}}")).status ==
      200)
    ++appended;
  EXPECT_EQ(reply.status, 507);
  EXPECT_NE(reply.body.find("\"outcome\":\"not_appended\""), std::string::npos);
  EXPECT_EQ(appended, 7);
  EXPECT_EQ(Ask(Get("/?offset=0")).status, 200);
  EXPECT_NE(Ask(Get("/readyz")).body.find("\"status\":\"degraded\""), std::string::npos);
  EXPECT_EQ(Ask(Get("/readyz")).status, 200);
}

TEST_F(SeedTest, ABrowserGetsAPageAndOthersAreToldWhatToAsk) {
  const Reply page = Ask(Get("/", "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Field("content-type"), "text/html; charset=utf-8");
  const Reply other = Ask(Get("/", "Accept: */*\r\n"));
  EXPECT_EQ(other.status, 400);
  EXPECT_NE(other.body.find("?offset=N"), std::string::npos);
}

TEST_F(SeedTest, ErrorsOfTheTransportAreProblemsToo) {
  EXPECT_EQ(Ask(Get("/nope")).Field("content-type"), "application/problem+json");
  const Reply method = Ask("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.Field("allow"), "POST, GET, HEAD, OPTIONS");
  const Reply large = Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_EQ(large.status, 413);
  EXPECT_NE(large.body.find("\"outcome\":\"not_appended\""), std::string::npos);
}

TEST_F(SeedTest, OperatorsRoutesAnswer) {
  for (const char* route : {"/healthz", "/readyz", "/version"}) {
    EXPECT_EQ(Ask(Get(std::string(route) + "?nope=1")).status, 400) << route;
  }
  EXPECT_EQ(Ask(Get("/healthz")).body, "{\"status\":\"ok\"}\n");
  EXPECT_EQ(Ask(Get("/readyz")).body,
            "{\"status\":\"ok\",\"checks\":{\"memory\":{\"status\":\"ok\"}}}\n");
  EXPECT_EQ(
      Ask(Get("/version")).body,
      "{\"version\":\"1.2.3\",\"revision\":\"abc\",\"compiler\":\"g++\",\"engine\":\"memory\"}\n");
}

TEST_F(SeedTest, AServerThatLeavesServesOnAndIsNotReady) {
  leaving_ = true;
  const Reply reply = Ask(Get("/readyz"));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body,
            "{\"status\":\"unavailable\",\"checks\":{\"memory\":{\"status\":\"ok\"},\"stop\":"
            "{\"status\":\"unavailable\",\"detail\":\"this server is about to stop\"}}}\n");
  EXPECT_EQ(Ask(Get("/healthz")).status, 200);
  EXPECT_EQ(Append(R"({"record":{"value":"YQ=="}})").status, 200);
}

}  // namespace
}  // namespace daybook::api
