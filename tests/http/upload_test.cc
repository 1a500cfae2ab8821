// Bodies that are handed on as they arrive.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http/eventually.h"
#include "http/probe_server.h"
#include "support/http_client.h"

namespace daybook::test {
namespace {

using http::BodyShare;
using http::BodySink;
using http::CloseReason;
using http::Code;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Upload;
using std::chrono::milliseconds;

Response Text(Code code, std::string body) {
  Response response;
  response.code = code;
  response.body = std::move(body);
  return response;
}

// What happens at PUT /upload/{name}, as a test has it.
struct Plan {
  std::function<std::optional<Response>(Request&)> begin = [](Request&) { return std::nullopt; };
  std::function<std::optional<Response>(std::string_view)> append = [](std::string_view) {
    return std::nullopt;
  };
  // What the client gets; none: `held` gets its Responder.
  std::function<bool()> finish = [] { return true; };
  bool keeps = true;  // the body, and is charged for it

  std::atomic<int> alive{0};
  std::atomic<int> begun{0};
  std::atomic<int> finished{0};
  std::atomic<std::size_t> bytes{0};  // appended
  std::mutex mutex;
  std::vector<Responder> held;
};

class PlannedSink : public BodySink {
 public:
  PlannedSink(Plan& plan, BodyShare held) : plan_(plan), held_(std::move(held)) { ++plan_.alive; }
  ~PlannedSink() override { --plan_.alive; }

  std::optional<Response> Append(std::string_view bytes) override {
    EXPECT_FALSE(refused_);
    std::optional<Response> refusal = plan_.append(bytes);
    if (plan_.keeps) {
      if (!held_.Resize(body_.size() + bytes.size()))
        refusal = Text(Code::Service_Unavailable, "overloaded");
      body_.append(bytes);
    }
    plan_.bytes += bytes.size();
    refused_ = refusal.has_value();
    return refusal;
  }

  void Finish(Request& request, Responder responder) override {
    EXPECT_FALSE(refused_);
    ++plan_.finished;
    if (plan_.finish()) {
      return std::move(responder).Send(
          Text(Code::Ok, std::string(request.Parameter("name")) + ":" + body_));
    }
    const std::lock_guard lock(plan_.mutex);
    plan_.held.push_back(std::move(responder));
  }

 private:
  Plan& plan_;
  BodyShare held_;
  std::string body_;
  bool refused_ = false;
};

class UploadTest : public testing::Test {
 protected:
  ProbeServer& Start(const http::Limits& limits = {}) {
    server_.emplace(limits, 1, [this](http::Router& router) {
      router.AddUpload(Method::Put, "/upload/{name}",
                       [this](Request& request, BodyShare held) -> Upload {
                         ++plan_.begun;
                         if (auto refusal = plan_.begin(request)) return std::move(*refusal);
                         return std::make_unique<PlannedSink>(plan_, std::move(held));
                       });
    });
    return *server_;
  }
  HttpClient Connect() { return HttpClient(server_->port()); }

  Plan plan_;
  std::optional<ProbeServer> server_;
};

std::string Put(std::string_view body, std::string_view fields = "") {
  std::string request = "PUT /upload/a HTTP/1.1\r\nHost: test\r\nContent-Length: ";
  return request.append(std::to_string(body.size()))
      .append("\r\n")
      .append(fields)
      .append("\r\n")
      .append(body);
}

const std::string kChunked =
    "PUT /upload/a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(UploadTest, OneArrivesWholeHoweverItWasSplit) {
  Start();
  HttpClient client = Connect();
  for (const std::string& bytes :
       {Put("hello world"), kChunked + "5\r\nhello\r\n6\r\n world\r\n0\r\nT: x\r\n\r\n"}) {
    for (std::size_t split = 1; split < bytes.size(); ++split) {
      ASSERT_TRUE(client.Send(bytes.substr(0, split)));
      ASSERT_TRUE(client.Send(bytes.substr(split)));
      const auto reply = client.Read();
      ASSERT_TRUE(reply.has_value()) << split;
      ASSERT_EQ(reply->body, "a:hello world") << split;
    }
    for (const char byte : bytes) ASSERT_TRUE(client.Send(std::string(1, byte)));
    EXPECT_EQ(client.Read()->body, "a:hello world");
    ASSERT_TRUE(client.Send(bytes + bytes + Get("/target?next")));
    EXPECT_EQ(client.Read()->body, "a:hello world");
    EXPECT_EQ(client.Read()->body, "a:hello world");
    EXPECT_EQ(client.Read()->body, "/target next");
  }
  EXPECT_EQ(plan_.alive, 0);
}

TEST_F(UploadTest, WhatHasComeIsHandedOnAtOnce) {
  Start();
  HttpClient client = Connect();
  const std::string request = Put("hello world");
  client.Send(request.substr(0, request.size() - 6));
  EXPECT_TRUE(Eventually([&] { return plan_.bytes == 5; }));
  EXPECT_EQ(plan_.finished, 0);
  client.Send(" world");
  EXPECT_EQ(client.Read()->body, "a:hello world");
}

TEST_F(UploadTest, OneWithoutABodyIsFinishedAtOnce) {
  Start();
  HttpClient client = Connect();
  client.Send(Put("") + "PUT /upload/a HTTP/1.1\r\nHost: a\r\n\r\n" + kChunked + "0\r\n\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Read()->body, "a:");
  EXPECT_EQ(plan_.begun, 3);
}

TEST_F(UploadTest, ItsPathHasTheOtherMethodsOfAnyRoute) {
  Start();
  HttpClient client = Connect();
  client.Send(Post("/upload/a", "body"));
  const auto reply = client.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 405);
  EXPECT_EQ(reply->Field("allow"), "PUT, OPTIONS");
  EXPECT_EQ(plan_.begun, 0);
}

TEST_F(UploadTest, OnlyWhatASinkKeepsIsChargedToTheMemoryForBodies) {
  http::Limits limits;
  limits.body_memory_bytes_max = 10'000;
  Start(limits);
  const std::string large(1 << 20, 'x');
  plan_.keeps = false;
  HttpClient client = Connect();
  client.Send(Put(large));
  EXPECT_EQ(client.Read()->status, 200);
  plan_.keeps = true;
  for (int i = 0; i < 3; ++i) {
    client.Send(Put(std::string(9'000, 'x')));
    EXPECT_EQ(client.Read()->status, 200);
  }
  HttpClient half = Connect();
  const std::string request = Put(std::string(5'000, 'x'));
  half.Send(request.substr(0, request.size() - 1));
  EXPECT_TRUE(Eventually([&] { return plan_.bytes == large.size() + 3 * 9'000 + 4'999; }));
  client.Send(Put(std::string(9'000, 'x')));
  EXPECT_EQ(client.Read()->status, 503);
  half.Send("x");
  EXPECT_EQ(half.Read()->status, 200);
  client.Send(Put(std::string(9'000, 'x')));
  EXPECT_EQ(client.Read()->status, 200);
}

TEST_F(UploadTest, ARefusalInTheMiddleIsTheLastAnswerAndIsReadWhole) {
  ProbeServer& server = Start();
  plan_.append = [this](std::string_view) -> std::optional<Response> {
    if (plan_.bytes < 100'000) return std::nullopt;
    return Text(Code::Unprocessable_Entity, "no");
  };
  std::string piece;
  while (piece.size() < 1 << 20) piece += Get("/target?smuggled");
  for (const std::string& header :
       {std::string("PUT /upload/a HTTP/1.1\r\nHost: a\r\nContent-Length: 16000000\r\n\r\n"),
        kChunked + "f00000\r\n"}) {
    plan_.bytes = 0;
    HttpClient client = Connect();
    ASSERT_TRUE(client.Send(header));
    for (int megabyte = 0; megabyte < 15; ++megabyte) ASSERT_TRUE(client.Send(piece));
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 422);
    EXPECT_EQ(reply->body, "no");
    EXPECT_EQ(reply->Field("connection"), "close");
    client.HalfClose();
    EXPECT_EQ(client.ReadToEnd(), "");
  }
  EXPECT_EQ(plan_.alive, 0);
  EXPECT_EQ(plan_.finished, 0);
  EXPECT_TRUE(Eventually([&] {
    return server.server()
               .ReadStats()
               .connections_closed[static_cast<std::size_t>(CloseReason::kRefused)] == 2;
  }));
}

TEST_F(UploadTest, ARefusalAtItsBeginningComesInsteadOfTheContinue) {
  Start();
  HttpClient taken = Connect();
  const std::string header =
      "PUT /upload/a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  taken.Send(header);
  EXPECT_EQ(taken.Read()->status, 100);
  taken.Send("body");
  EXPECT_EQ(taken.Read()->body, "a:body");
  plan_.begin = [](Request& request) {
    return Text(Code::Unauthorized, std::string(request.Parameter("name")));
  };
  HttpClient refused = Connect();
  refused.Send(header);
  const auto reply = refused.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 401);
  EXPECT_EQ(reply->body, "a");
  EXPECT_EQ(reply->Field("connection"), "close");
  EXPECT_EQ(refused.ReadToEnd(), "");
}

TEST_F(UploadTest, ARefusedSmallBodyIsReadAndTheConnectionKept) {
  Start();
  HttpClient client = Connect();
  const std::string body(40'000, 'x');
  plan_.begin = [](Request&) { return Text(Code::Not_Found, "no"); };
  for (const std::string& request : {Put(body), Put("")}) {
    client.Send(request + Get("/target?next"));
    EXPECT_EQ(client.Read()->status, 404);
    EXPECT_EQ(client.Read()->body, "/target next");
  }
  plan_.begin = [](Request&) { return std::nullopt; };
  plan_.append = [](std::string_view) { return Text(Code::Bad_Request, "no"); };
  client.Send(Put(body) + Get("/target?next"));
  EXPECT_EQ(client.Read()->status, 400);
  EXPECT_EQ(client.Read()->body, "/target next");
}

TEST_F(UploadTest, TheLimitsAreThoseOfAnyBody) {
  http::Limits limits;
  limits.body_bytes_max = 100'000;
  limits.body_timeout = milliseconds(1'000);
  limits.connections_max = 1;
  Start(limits);
  const auto status = [&](const std::string& bytes) {
    HttpClient client = Connect();
    client.Send(bytes);
    const auto reply = client.Read();
    return reply ? reply->status : 0;
  };
  EXPECT_EQ(status("PUT /upload/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n"), 413);
  EXPECT_EQ(plan_.begun, 0);
  const auto settled = [&] { return server_->server().connections() == 0; };
  ASSERT_TRUE(Eventually(settled));
  EXPECT_EQ(status(kChunked + "186a0\r\n" + std::string(100'000, 'x') + "\r\n1\r\n"), 413);
  EXPECT_EQ(plan_.bytes, 100'000U);
  ASSERT_TRUE(Eventually(settled));
  EXPECT_EQ(status(kChunked + "5\r\nhello\r\nnonsense\r\n"), 400);
  ASSERT_TRUE(Eventually(settled));
  EXPECT_EQ(status(kChunked + "5\r\nhel"), 408);
  ASSERT_TRUE(Eventually(settled));
  EXPECT_EQ(plan_.alive, 0);
  EXPECT_EQ(plan_.begun, 3);
  EXPECT_EQ(plan_.finished, 0);
  HttpClient first = Connect();
  first.Send(Get("/target"));
  ASSERT_EQ(first.Read()->status, 200);
  EXPECT_EQ(status(Put("body")), 503);
  EXPECT_EQ(plan_.begun, 3);
}

TEST_F(UploadTest, AFaultInItIs500) {
  ProbeServer& server = Start();
  const auto fault = [](auto&&...) -> std::optional<Response> { throw std::runtime_error("no"); };
  const auto status = [&] {
    HttpClient client = Connect();
    client.Send(Put(std::string(100'000, 'x')));
    const auto reply = client.Read();
    return reply ? reply->status : 0;
  };
  plan_.finish = []() -> bool { throw std::runtime_error("no"); };
  EXPECT_EQ(status(), 500);
  plan_.append = fault;
  EXPECT_EQ(status(), 500);
  plan_.begin = fault;
  EXPECT_EQ(status(), 500);
  EXPECT_EQ(server.faults(), 3);
  EXPECT_EQ(plan_.alive, 0);
  HttpClient next = Connect();
  next.Send(Get("/target?x"));
  EXPECT_EQ(next.Read()->status, 200);
}

TEST_F(UploadTest, AClientThatGoesAwayEndsTheSink) {
  Start();
  const std::string bytes = kChunked + "5\r\nhello\r\n6\r\n world\r\n0\r\nT: x\r\n\r";
  for (std::size_t end = 1; end <= bytes.size(); ++end) {
    HttpClient client = Connect();
    client.Send(bytes.substr(0, end));
    if (end % 2 == 0) client.Reset();
  }
  EXPECT_TRUE(Eventually([&] {
    return server_->server().ReadStats().connections_accepted == bytes.size() &&
           server_->server().connections() == 0;
  }));
  EXPECT_EQ(plan_.alive, 0);
  EXPECT_EQ(plan_.finished, 0);
}

TEST_F(UploadTest, TheSinkIsGoneWhenItsRequestIsAnsweredFromElsewhere) {
  Start();
  plan_.finish = [] { return false; };
  HttpClient client = Connect();
  client.Send(Put("body"));
  const auto held = [&] {
    const std::lock_guard lock(plan_.mutex);
    return plan_.held.size() == 1;
  };
  ASSERT_TRUE(Eventually([&] { return held() && plan_.alive == 0; }));
  std::move(plan_.held.front()).Send(Text(Code::Ok, "later"));
  EXPECT_EQ(client.Read()->body, "later");
}

}  // namespace
}  // namespace daybook::test
