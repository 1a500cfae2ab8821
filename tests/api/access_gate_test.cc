// Who is let through to which route, over a real socket.

#include "api/access_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "access/token.h"
#include "api/api.h"
#include "base/logging.h"
#include "http/server.h"
#include "log/memory_store.h"
#include "support/http_client.h"

namespace daybook::api {
namespace {

using test::HttpClient;
using test::Reply;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kText = "Content-Type: text/plain\r\n";

class AccessTest : public testing::Test {
 protected:
  // Tokens are called what they are for.
  static constexpr const char* kTokens[][3] = {{"reader", "read", "a*"},
                                               {"writer", "append", "a*,default"},
                                               {"admin", "admin", "*"},
                                               {"scraper", "metrics", "-"},
                                               {"all", "read,append,admin,metrics", "*"}};

  AccessTest() { logging::SetLevel(logging::Level::kError); }
  ~AccessTest() override {
    server_.reset();
    access_ = {};
    std::filesystem::remove_all(folder_);
    logging::SetLevel(logging::Level::kInfo);
  }
  static std::filesystem::path MakeFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "access-XXXXXX").string();
    return ::mkdtemp(name.data());
  }
  void WriteTokensBut(const std::string& left_out = "") const {
    std::ofstream file(path_ + ".new");
    for (const auto& [name, scopes, logs] : kTokens) {
      if (name == left_out) continue;
      file << name << " " << scopes << " " << logs << " "
           << access::TextOf(access::DigestOf(std::string("secret-of-") + name)) << "\n";
    }
    file.close();
    std::filesystem::rename(path_ + ".new", path_);
  }
  void Limit(const access::ClientLimitsOptions& limits) {
    access_.token_limits = std::make_shared<access::ClientLimits>(limits);
    access_.address_limits = std::make_shared<access::ClientLimits>(limits);
  }
  void NeedTokens() {
    WriteTokensBut();
    access_.tokens = *access::TokenFile::Open(path_, std::chrono::milliseconds(1));
  }
  void ServeWithTokens() {
    NeedTokens();
    Serve();
  }
  static http::ServerOptions OnLoopback() {
    http::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    return options;
  }
  void Serve(const http::ServerOptions& options = OnLoopback()) {
    Serve(options, MakeRouter(
                       store_, {"1.2.3", "abc", "g++"}, {}, [] { return "metrics\n"; }, nullptr,
                       live_, access_));
  }
  void Serve(const http::ServerOptions& options, http::Router router) {
    server_ = std::move(*http::Server::Start(options, std::move(router)));
    client_ = std::make_unique<HttpClient>(server_->port());
  }
  static std::string By(const std::string& token) {
    return token.empty() ? "" : "Authorization: Bearer secret-of-" + token + "\r\n";
  }
  Reply Ask(const std::string& method, const std::string& target, const std::string& token,
            const std::string& body = "", const std::string& fields = "") {
    client_->Send(method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + By(token) + fields +
                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    auto reply = client_->Read(method == "HEAD");
    EXPECT_TRUE(reply.has_value()) << method << " " << target << " " << client_->state();
    return reply.value_or(Reply{});
  }
  std::uint64_t Denied(Denial why) const {
    return access_.stats->denials[static_cast<std::size_t>(why)].value();
  }

  log::MemoryLogStore store_{Clock::System(), 8 << 20};
  const std::filesystem::path folder_ = MakeFolder();
  const std::string path_ = (folder_ / "tokens").string();
  Access access_;
  const std::shared_ptr<LiveStats> live_ = std::make_shared<LiveStats>();
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<HttpClient> client_;
};

TEST_F(AccessTest, EveryRouteIsForThoseAloneWhomItsScopeLetsIn) {
  ServeWithTokens();
  ASSERT_EQ(Ask("PUT", "/v1/logs/a", "all").status, 201);
  const std::string record = R"({"record":{"value":""}})";
  struct Case {
    const char* method;
    const char* target;
    std::string body;
    const char* fields;
    const char* let_in;  // beside `all`
  };
  for (const Case& c : std::vector<Case>{{"GET", "/?offset=0", "", "", ""},
                                         {"GET", "/", R"({"offset":0})", "", ""},
                                         {"POST", "/", record, "", "writer"},
                                         {"GET", "/v1", "", "", "reader writer admin scraper"},
                                         {"GET", "/v1/logs", "", "", "reader writer admin scraper"},
                                         {"GET", "/v1/logs/a", "", "", "reader"},
                                         {"HEAD", "/v1/logs/a", "", "", "reader"},
                                         {"PUT", "/v1/logs/a", "", "", "admin"},
                                         {"POST", "/v1/logs/a/trim", R"({"before":0})",
                                          "Content-Type: application/json\r\n", "admin"},
                                         {"POST", "/v1/logs/a/records", "x", kText, "writer"},
                                         {"GET", "/v1/logs/a/records", "", "", "reader"},
                                         {"GET", "/v1/logs/a/records/0", "", "", "reader"},
                                         {"PUT", "/v1/logs/a/cursors/c", R"({"offset":0})",
                                          "Content-Type: application/json\r\n", "writer"},
                                         {"GET", "/v1/logs/a/cursors", "", "", "reader"},
                                         {"GET", "/v1/logs/a/cursors/c", "", "", "reader"},
                                         {"DELETE", "/v1/logs/a/cursors/c", "", "", "writer"},
                                         {"DELETE", "/v1/logs/a", "", "", "admin"}}) {
    const std::string what = std::string(c.method) + " " + c.target;
    EXPECT_EQ(Ask(c.method, c.target, "", c.body, c.fields).status, 401) << what;
    EXPECT_EQ(Ask(c.method, c.target, "nobody", c.body, c.fields).status, 401) << what;
    for (const auto& [name, scopes, logs] : kTokens) {
      const bool let_in = std::string(c.let_in).find(name) != std::string::npos;
      if (let_in || name == std::string("all")) continue;
      EXPECT_EQ(Ask(c.method, c.target, name, c.body, c.fields).status, 403) << what << name;
    }
    // A deletion, the last, can be had once.
    for (std::string names = std::string(c.let_in) + " all"; !names.empty();) {
      const std::string name = names.substr(0, names.find(' '));
      names.erase(0, std::min(names.size(), name.size() + 1));
      if (name.empty()) continue;
      const int status = Ask(c.method, c.target, name, c.body, c.fields).status;
      EXPECT_TRUE(status / 100 == 2 || status == 404) << what << " " << name << " " << status;
    }
  }
}

TEST_F(AccessTest, WhatIsOpenNeedsNoTokenAndTakesAnyForNone) {
  ServeWithTokens();
  for (const char* target :
       {"/healthz", "/readyz", "/version", "/openapi.json", "/docs", "/console", "/metrics"}) {
    for (const char* token : {"", "nobody", "reader"})
      EXPECT_EQ(Ask("GET", target, token).status, 200) << target << token;
  }
  EXPECT_EQ(Ask("GET", "/", "", "", "Accept: text/html\r\n").status, 200);
  EXPECT_EQ(Ask("OPTIONS", "/v1/logs", "").status, 204);
  EXPECT_EQ(Ask("OPTIONS", "*", "").status, 204);
  EXPECT_EQ(Ask("GET", "/no/such/route", "").status, 404);
  EXPECT_EQ(Ask("PUT", "/v1", "").status, 405);
}

TEST_F(AccessTest, ThePageAtTheRootOpensNothingElse) {
  ServeWithTokens();
  constexpr const char* kHtml = "Accept: text/html\r\n";
  EXPECT_EQ(Ask("GET", "/?offset=0", "", "", kHtml).status, 401);
  EXPECT_EQ(Ask("GET", "/?", "", "", kHtml).status, 401);
  EXPECT_EQ(Ask("GET", "/", "", R"({"offset":0})", kHtml).status, 401);
  EXPECT_EQ(Ask("GET", "/", "").status, 401);
  HttpClient chunked(server_->port());
  chunked.Send(
      "GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
      "c\r\n{\"offset\":0}\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.Read()->status, 401);
  EXPECT_EQ(Ask("POST", "/", "", R"({"record":{}})", kHtml).status, 401);
}

TEST_F(AccessTest, MetricsAreForTheirScopeWhereThatIsWanted) {
  access_.metrics_need_token = true;
  ServeWithTokens();
  EXPECT_EQ(Ask("GET", "/metrics", "").status, 401);
  EXPECT_EQ(Ask("GET", "/metrics", "reader").status, 403);
  EXPECT_EQ(Ask("GET", "/metrics", "scraper").status, 200);
  EXPECT_EQ(Ask("GET", "/healthz", "").status, 200);
}

TEST_F(AccessTest, WhetherALogExistsIsNotTold) {
  ServeWithTokens();
  ASSERT_EQ(Ask("PUT", "/v1/logs/b", "all").status, 201);
  for (const char* rest : {"", "/records", "/records/0", "/cursors", "/cursors/c"}) {
    const Reply there = Ask("GET", std::string("/v1/logs/b") + rest, "reader");
    const Reply not_there = Ask("GET", std::string("/v1/logs/c") + rest, "reader");
    EXPECT_EQ(there.status, 403) << rest;
    EXPECT_EQ(not_there.status, 403) << rest;
    std::string other = not_there.body;
    other.replace(other.find("'c'"), 3, "'b'");
    EXPECT_EQ(there.body, other);
  }
  EXPECT_EQ(Ask("POST", "/v1/logs/b/records", "writer", "x", kText).status, 403);
  EXPECT_EQ(Ask("POST", "/v1/logs/c/records", "writer", "x", kText).status, 403);
  EXPECT_EQ(Ask("GET", "/v1/logs/a/records", "reader").status, 404);
  EXPECT_EQ(Ask("GET", "/v1/logs/%61", "reader").status, 404);
  EXPECT_EQ(Ask("GET", "/v1/logs/%62", "reader").status, 403);
}

TEST_F(AccessTest, LogsThatMayNotBeReadAreNotListed) {
  ServeWithTokens();
  for (const char* name : {"a1", "a2", "a3", "b1", "b2", "z"})
    ASSERT_EQ(Ask("PUT", std::string("/v1/logs/") + name, "all").status, 201);
  const std::string body = Ask("GET", "/v1/logs", "reader").body;
  EXPECT_THAT(body, HasSubstr(R"("name":"a1")"));
  EXPECT_THAT(body, HasSubstr(R"("name":"a3")"));
  for (const char* hidden : {"b1", "z", "default"})
    EXPECT_THAT(body, Not(HasSubstr(std::string("\"") + hidden + "\"")));
  EXPECT_THAT(body, Not(HasSubstr("\"next\"")));
  EXPECT_THAT(Ask("GET", "/v1/logs?limit=2", "reader").body, HasSubstr(R"("next":"a2")"));
  const std::string last = Ask("GET", "/v1/logs?limit=1&after=a2", "reader").body;
  EXPECT_THAT(last, HasSubstr(R"("name":"a3")"));
  EXPECT_THAT(last, Not(HasSubstr("\"next\"")));
  EXPECT_EQ(Ask("GET", "/v1/logs?prefix=b", "reader").body, "{\"logs\":[]}\n");
  EXPECT_EQ(Ask("GET", "/v1/logs", "writer").body, "{\"logs\":[]}\n");
}

TEST_F(AccessTest, ARefusalSaysWhatToShowAndNothingOfTheToken) {
  ServeWithTokens();
  const Reply none = Ask("GET", "/v1", "");
  EXPECT_EQ(none.Field("www-authenticate"), "Bearer realm=\"daybook\"");
  EXPECT_EQ(none.Field("content-type"), "application/problem+json");
  EXPECT_THAT(none.body, HasSubstr("urn:daybook:problem:unauthenticated"));
  EXPECT_THAT(none.body, Not(HasSubstr("outcome")));
  const Reply unknown = Ask("POST", "/", "nobody", "{}");
  EXPECT_EQ(unknown.Field("www-authenticate"), "Bearer realm=\"daybook\", error=\"invalid_token\"");
  EXPECT_THAT(unknown.body, HasSubstr(R"("outcome":"not_appended")"));
  EXPECT_THAT(unknown.body, Not(HasSubstr("secret")));
  const Reply scope = Ask("POST", "/v1/logs/a/records", "reader", "x", kText);
  EXPECT_EQ(scope.Field("www-authenticate"),
            "Bearer realm=\"daybook\", error=\"insufficient_scope\", scope=\"append\"");
  EXPECT_THAT(scope.body, HasSubstr("the token 'reader' has not the scope 'append'"));
  EXPECT_THAT(scope.body, Not(HasSubstr("secret")));
  EXPECT_EQ(Denied(Denial::kNoToken), 1U);
  EXPECT_EQ(Denied(Denial::kUnknownToken), 1U);
  EXPECT_EQ(Denied(Denial::kNotGranted), 1U);
}

TEST_F(AccessTest, OnlyTheSchemeBearerWithOneTokenIsTaken) {
  ServeWithTokens();
  const auto status = [&](const std::string& fields) {
    return Ask("GET", "/v1", "", "", fields).status;
  };
  EXPECT_EQ(status("Authorization: bearer secret-of-all\r\n"), 200);
  EXPECT_EQ(status("authorization: BEARER   secret-of-all  \r\n"), 200);
  EXPECT_EQ(status("Authorization: Basic secret-of-all\r\n"), 401);
  EXPECT_EQ(status("Authorization: secret-of-all\r\n"), 401);
  EXPECT_EQ(status("Authorization: Bearer\r\n"), 401);
  EXPECT_EQ(status("Authorization: Bearer \r\n"), 401);
  EXPECT_EQ(status("Authorization:\r\n"), 401);
  EXPECT_EQ(status(By("all") + By("all")), 401);
  EXPECT_EQ(status(By("nobody") + By("all")), 401);
  EXPECT_EQ(Ask("GET", "/v1?token=secret-of-all", "").status, 401);
}

TEST_F(AccessTest, ABodyIsNotWaitedForWhereItsRequestIsRefused) {
  ServeWithTokens();
  for (const char* target : {"/v1/logs/a/records", "/", "/v1/logs/a/trim"}) {
    HttpClient client(server_->port());
    client.Send(std::string("POST ") + target + " HTTP/1.1\r\nHost: a\r\n" + kText +
                "Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value()) << target;
    EXPECT_EQ(reply->status, 401) << target;
  }
}

// A body may take as long as it likes to come.
TEST_F(AccessTest, WhatIsAskedWithATokenThatIsRevokedMeanwhileIsNotDone) {
  ServeWithTokens();
  ASSERT_EQ(Ask("PUT", "/v1/logs/a", "all").status, 201);
  ASSERT_EQ(Ask("POST", "/v1/logs/a/records", "all", "x", kText).status, 201);
  const std::string json = "Content-Type: application/json\r\n";
  const std::string asked[][3] = {{"POST /v1/logs/a/records", kText, "more"},
                                  {"POST /v1/logs/a/trim", json, R"({"before":1})"},
                                  {"DELETE /v1/logs/a", "", "body"}};
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (const auto& [line, fields, body] : asked) {
    clients.push_back(std::make_unique<HttpClient>(server_->port()));
    clients.back()->Send(line + " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n" + By("all") +
                         fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    EXPECT_THAT(clients.back()->ReadThrough("\r\n\r\n"), HasSubstr("100 Continue"));
  }
  const auto grant = access_.tokens->Find("secret-of-all");
  ASSERT_NE(grant, nullptr);
  WriteTokensBut("all");
  while (!grant->revoked()) std::this_thread::yield();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i]->Send(asked[i][2]);
    const auto reply = clients[i]->Read();
    ASSERT_TRUE(reply.has_value()) << asked[i][0];
    EXPECT_EQ(reply->status, 401) << asked[i][0];
  }
  EXPECT_THAT(Ask("GET", "/v1/logs/a", "reader").body,
              HasSubstr(R"("first_offset":0,"next_offset":1)"));
}

TEST_F(AccessTest, APlaceAmongAClientsRequestsIsGivenBackWhenOneIsRefused) {
  Limit({.requests_max = 1});
  ServeWithTokens();
  ASSERT_EQ(Ask("PUT", "/v1/logs/a", "all").status, 201);
  std::vector<std::unique_ptr<HttpClient>> clients;  // that stay connected
  for (const char* fields : {"Content-Encoding: x\r\n", "Expected-Next-Offset: x\r\n"}) {
    for (const char* token : {"all", "reader", "nobody"}) {
      clients.push_back(std::make_unique<HttpClient>(server_->port()));
      clients.back()->Send(std::string("POST /v1/logs/a/records HTTP/1.1\r\nHost: a\r\n") + kText +
                           By(token) + fields + "Transfer-Encoding: chunked\r\n\r\n");
      const auto reply = clients.back()->Read();
      ASSERT_TRUE(reply.has_value());
      EXPECT_EQ(reply->status / 100, 4);
      EXPECT_NE(reply->status, 429) << token << fields;
    }
  }
}

TEST_F(AccessTest, TheAddressOfMetricsAloneIsGuardedToo) {
  access_.metrics_need_token = true;
  NeedTokens();
  Serve(OnLoopback(),
        MakeOperationsRouter(
            store_, {"1.2.3", "abc", "g++"}, [] { return "metrics\n"; }, nullptr, access_));
  EXPECT_EQ(Ask("GET", "/metrics", "").status, 401);
  EXPECT_EQ(Ask("GET", "/metrics", "reader").status, 403);
  EXPECT_EQ(Ask("GET", "/metrics", "scraper").status, 200);
  EXPECT_EQ(Ask("GET", "/readyz", "").status, 200);
}

TEST_F(AccessTest, AConnectionOneTooManyShowsItsTokenAsWell) {
  access_.metrics_need_token = true;
  NeedTokens();
  http::ServerOptions options = OnLoopback();
  options.limits.connections_max = 1;
  options.limits.spare_timeout = HttpClient::kPatience;
  Serve(options);
  ASSERT_EQ(Ask("GET", "/healthz", "").status, 200);  // it has the one place
  for (const auto& [token, status] : {std::pair("", 401), std::pair("scraper", 200)}) {
    HttpClient spare(server_->port());
    spare.Send("GET /metrics HTTP/1.1\r\nHost: a\r\n" + By(token) + "\r\n");
    const auto reply = spare.Read();
    ASSERT_TRUE(reply.has_value()) << token;
    EXPECT_EQ(reply->status, status) << token;
  }
}

TEST_F(AccessTest, EachRequestOfAConnectionShowsItsOwnToken) {
  ServeWithTokens();
  const std::string rest = " HTTP/1.1\r\nHost: a\r\n";
  HttpClient client(server_->port());
  client.Send("GET /v1" + rest + By("all") + "\r\nGET http://a/v1" + rest + "\r\nGET /v1" + rest +
              By("all") + "\r\n");
  for (const int status : {200, 401, 200}) {
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, status);
  }
}

TEST_F(AccessTest, AFollowerEndsWhenItsTokenIsRevoked) {
  ServeWithTokens();
  ASSERT_EQ(Ask("PUT", "/v1/logs/a", "all").status, 201);
  const auto follow = [&](HttpClient& client, const std::string& token) {
    client.Send("GET /v1/logs/a/records?follow=sse HTTP/1.0\r\n" + By(token) + "\r\n");
    EXPECT_THAT(client.ReadThrough("id: -1\n\n"), HasSubstr(" 200 OK"));
  };
  HttpClient revoked(server_->port());
  follow(revoked, "reader");
  HttpClient kept(server_->port());
  follow(kept, "all");
  WriteTokensBut("reader");
  EXPECT_EQ(revoked.ReadToEnd(), "event: end\ndata: {\"reason\":\"revoked\"}\n\n");
  ASSERT_EQ(Ask("POST", "/v1/logs/a/records", "all", "x", kText).status, 201);
  EXPECT_THAT(kept.ReadThrough("\n\n"), HasSubstr("event: record"));
  EXPECT_EQ(Ask("GET", "/v1", "reader").status, 401);
}

TEST_F(AccessTest, AWaitIsOverWhenItsTokenIsRevoked) {
  ServeWithTokens();
  ASSERT_EQ(Ask("PUT", "/v1/logs/a", "all").status, 201);
  HttpClient waiting(server_->port());
  waiting.Send("GET /v1/logs/a/records?wait=30s HTTP/1.1\r\nHost: a\r\n" + By("reader") + "\r\n");
  while (live_->waits.value() == 0) std::this_thread::yield();
  WriteTokensBut("reader");
  const auto reply = waiting.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 200);
  EXPECT_THAT(reply->body, HasSubstr(R"("records":[])"));
}

TEST_F(AccessTest, AClientThatAsksTooMuchGets429AndWhenToAskAgain) {
  Limit({.rate = 1, .burst = 3});
  ServeWithTokens();
  Reply refused;
  for (int i = 0; i < 1'000 && refused.status != 429; ++i) {
    refused = Ask("POST", "/v1/logs/a/records", "reader", "x", kText);
    if (i < 3) {
      EXPECT_EQ(refused.status, 403);
    }
  }
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Field("retry-after"), "1");
  EXPECT_THAT(refused.body, HasSubstr("urn:daybook:problem:too-many-requests"));
  EXPECT_THAT(refused.body, HasSubstr(R"("outcome":"not_appended")"));
  EXPECT_EQ(Ask("GET", "/v1", "writer").status, 200);
  // Who shows no right token is known by the address.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask("GET", "/v1", i % 2 == 0 ? "nobody" : "").status, 401);
  int status = 401;
  for (int i = 0; i < 1'000 && status == 401; ++i) status = Ask("GET", "/v1", "").status;
  EXPECT_EQ(status, 429);
  EXPECT_EQ(Ask("GET", "/v1", "admin").status, 200);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Ask("GET", "/healthz", "").status, 200);
  EXPECT_EQ(Denied(Denial::kRate), 2U);
}

TEST_F(AccessTest, RequestsUnderWayAreCountedUntilTheyEnd) {
  Limit({.requests_max = 2});
  Serve();
  ASSERT_EQ(Ask("PUT", "/v1/logs/a", "").status, 201);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Ask("GET", "/v1/logs/a/records", "").status, 200);
  std::vector<std::unique_ptr<HttpClient>> followers;
  for (int i = 0; i < 2; ++i) {
    followers.push_back(std::make_unique<HttpClient>(server_->port()));
    followers.back()->Send("GET /v1/logs/a/records?follow=sse HTTP/1.0\r\n\r\n");
    EXPECT_THAT(followers.back()->ReadThrough("id: -1\n\n"), HasSubstr(" 200 OK"));
  }
  EXPECT_EQ(Ask("GET", "/v1", "").status, 429);
  EXPECT_EQ(Denied(Denial::kRequests), 1U);
  followers.pop_back();
  int status = 429;
  for (int i = 0; i < 10'000 && status == 429; ++i) {
    status = Ask("GET", "/v1", "").status;
    std::this_thread::yield();
  }
  EXPECT_EQ(status, 200);
}

TEST_F(AccessTest, PagesOfListedOriginsMayAsk) {
  access_.cors_origins = {"https://app.example.com", "http://localhost:3000"};
  ServeWithTokens();
  const auto ask = [&](const std::string& method, const std::string& origin,
                       const std::string& fields = "") {
    return Ask(method, "/v1/logs", "", "", "Origin: " + origin + "\r\n" + fields);
  };
  const Reply refusal = ask("GET", "https://app.example.com");
  EXPECT_EQ(refusal.status, 401);  // which the page may see
  EXPECT_EQ(refusal.Field("access-control-allow-origin"), "https://app.example.com");
  EXPECT_EQ(refusal.Field("access-control-expose-headers"), "*");
  EXPECT_EQ(refusal.Field("vary"), "Origin");
  const Reply other = ask("GET", "https://app.example.com.evil.example");
  EXPECT_EQ(other.Field("access-control-allow-origin"), "");
  EXPECT_EQ(other.Field("vary"), "Origin");
  const std::string asks = "Access-Control-Request-Method: GET\r\n";
  const Reply preflight = ask("OPTIONS", "http://localhost:3000", asks);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.Field("access-control-allow-origin"), "http://localhost:3000");
  EXPECT_EQ(preflight.Field("access-control-allow-methods"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(preflight.Field("access-control-allow-headers"), "*, Authorization");
  EXPECT_EQ(preflight.Field("access-control-allow-credentials"), "");
  EXPECT_EQ(ask("OPTIONS", "null", asks).Field("access-control-allow-methods"), "");
}

TEST_F(AccessTest, AnyPageMayAskWhereAnyIsListedAndNoneWhereNoneIs) {
  access_.cors_origins = {"*"};
  Serve();
  const std::string origin = "Origin: https://any.example\r\n";
  EXPECT_EQ(Ask("GET", "/v1", "", "", origin).Field("access-control-allow-origin"), "*");
  HttpClient malformed(server_->port());
  malformed.Send("GET /v1 HTTP/1.1\r\nHost: a\r\n" + origin + "Content-Length: x\r\n\r\n");
  EXPECT_EQ(malformed.Read()->Field("access-control-allow-origin"), "*");
  access_.cors_origins = {};
  Serve();
  const Reply reply =
      Ask("OPTIONS", "/v1", "", "", origin + "Access-Control-Request-Method: GET\r\n");
  EXPECT_EQ(reply.status, 204);
  for (const auto& [name, value] : reply.fields)
    EXPECT_THAT(name, Not(HasSubstr("access-control")));
}

}  // namespace
}  // namespace daybook::api
