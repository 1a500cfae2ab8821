#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "http/probe_server.h"

namespace daybook::http {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

Waiter::Deadline Soon() { return steady_clock::now() + seconds(20); }

void ExpectServer(const char* text, const char* host, const char* port) {
  const auto url = ServerUrl::Parse(text);
  ASSERT_TRUE(url.ok()) << text;
  EXPECT_EQ(url->host, host);
  EXPECT_EQ(url->port, port);
}

TEST(ServerUrlTest, NamesHostAndPort) {
  ExpectServer("http://daybook", "daybook", "80");
  ExpectServer("http://daybook.logs.svc:8080/", "daybook.logs.svc", "8080");
  ExpectServer("http://127.0.0.1:1", "127.0.0.1", "1");
  ExpectServer("http://[::1]:8080", "::1", "8080");
  ExpectServer("http://[::1]", "::1", "80");
}

TEST(ServerUrlTest, AnythingElseIsRefused) {
  for (const char* text :
       {"", "daybook:8080", "https://daybook", "http://", "http://:80", "http://a:", "http://a:b",
        "http://a:123456", "http://a:65536", "http://a:+1", "http://a/b", "http://a?b",
        "http://u@a", "http://[::1", "http://[::1]8"})
    EXPECT_EQ(ServerUrl::Parse(text).status().code(), StatusCode::kInvalidArgument) << text;
}

TEST(ServerUrlTest, HttpsIsRefusedWithTheReason) {
  EXPECT_THAT(ServerUrl::Parse("https://daybook").status().message(), HasSubstr("no TLS"));
}

TEST(ServerUrlTest, APasswordIsNotShown) {
  for (const char* text :
       {"http://u:secret@a", "https://u:secret@a:1/", "u:secret@a", "ftp://u:sec/ret@a"}) {
    const std::string said = ServerUrl::Parse(text).status().message();
    EXPECT_THAT(said, HasSubstr("...@a"));
    EXPECT_THAT(said, testing::Not(HasSubstr("sec")));
  }
}

TEST(ServerUrlTest, AnAddressOfIpv6IsInBracketsAgain) {
  EXPECT_EQ(ServerUrl::Parse("http://[::1]:8080")->Authority(), "[::1]:8080");
  EXPECT_EQ(ServerUrl::Parse("http://daybook")->Authority(), "daybook:80");
}

class ClientTest : public testing::Test {
 protected:
  ServerUrl url() const { return {"127.0.0.1", std::to_string(server_.port())}; }

  test::ProbeServer server_{
      {}, 2, [](Router& router) {
        router.Add(Method::Get, "/token", [](Request& request, Responder responder) {
          Response response;
          response.body = std::string(request.Header("Authorization").value_or("none"));
          std::move(responder).Send(std::move(response));
        });
      }};
  Waiter waiter_;
};

TEST_F(ClientTest, OneConnectionTakesOneRequestAfterTheOther) {
  Client client(url(), "", waiter_);
  for (const char* body : {"one", "two", "three"}) {
    const auto answer = client.Ask({"POST", "/echo", body}, Soon());
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_EQ(answer->code, 200U);
    EXPECT_EQ(answer->body, body);
  }
  EXPECT_EQ(client.Ask({"GET", "/none"}, Soon())->code, 204U);
  EXPECT_EQ(client.Ask({"GET", "/target?a=b"}, Soon())->body, "/target a=b");
  EXPECT_EQ(server_.server().ReadStats().connections_accepted, 1U);
}

TEST_F(ClientTest, ABodyOfAnySizeComesPieceByPiece) {
  Client client(url(), "", waiter_);
  ASSERT_TRUE(client.Send({"GET", "/stream?3000000"}, Soon()).ok());
  ASSERT_EQ((*client.AwaitHead(Soon()))->code, 200U);
  std::size_t bytes = 0;
  for (;;) {
    const auto part = client.ReadBody(Soon());
    ASSERT_TRUE(part.ok()) << part.status().message();
    if (part->empty()) break;
    EXPECT_EQ(part->find_first_not_of('x'), std::string::npos);
    bytes += part->size();
  }
  EXPECT_EQ(bytes, 3'000'000U);
}

TEST_F(ClientTest, AnAnswerThatWasNotReadIsGivenUp) {
  Client client(url(), "", waiter_);
  ASSERT_TRUE(client.Send({"GET", "/stream?3000000"}, Soon()).ok());
  ASSERT_TRUE(client.AwaitHead(Soon()).ok());
  EXPECT_EQ(client.Ask({"POST", "/echo", "a"}, Soon())->body, "a");
}

TEST_F(ClientTest, ALargeBodyIsSent) {
  Client client(url(), "", waiter_);
  const std::string body(5'000'000, 'y');
  const auto answer = client.Ask({"POST", "/echo", body}, Soon());
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(answer->body, body);
}

TEST_F(ClientTest, ATokenGoesWithEachRequest) {
  EXPECT_EQ(Client(url(), "", waiter_).Ask({"GET", "/token"}, Soon())->body, "none");
  Client client(url(), "secret", waiter_);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(client.Ask({"GET", "/token"}, Soon())->body, "Bearer secret");
}

TEST_F(ClientTest, ADeadlineAndAnInterruptionEndAWait) {
  Client client(url(), "", waiter_);
  EXPECT_THAT(client.Ask({"GET", "/hold"}, steady_clock::now() + std::chrono::milliseconds(50))
                  .status()
                  .message(),
              HasSubstr("too long"));
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  waiter_.InterruptBy(ends[0], POLLIN);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  EXPECT_THAT(client.Ask({"GET", "/hold"}, Soon()).status().message(), HasSubstr("interrupted"));
  ::close(ends[0]);
  ::close(ends[1]);
}

// Listens, and answers each connection once, before it has read what it was sent.
class HastyServer {
 public:
  HastyServer() {
    EXPECT_EQ(::listen(fd_, 8), 0);
    socklen_t bytes = sizeof address_;
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &bytes), 0);
    thread_ = std::thread([this] { Run(); });
  }
  ~HastyServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
    for (const int connection : connections_) ::close(connection);
  }
  ServerUrl url() const { return {"127.0.0.1", std::to_string(ntohs(address_.sin_port))}; }

 private:
  void Run() {
    for (int connection; (connection = ::accept(fd_, nullptr, nullptr)) >= 0;) {
      connections_.push_back(connection);
      const std::string answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 1\r\n\r\n" +
                                 std::to_string(connections_.size());
      EXPECT_EQ(::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(answer.size()));
    }
  }

  const int fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address_{};
  std::vector<int> connections_;
  std::thread thread_;
};

TEST_F(ClientTest, AConnectionThatHasHalfABodyIsUsedNoMore) {
  HastyServer server;
  Client client(server.url(), "", waiter_);
  const std::string body(32 << 20, 'x');
  for (const char* connection : {"1", "2"}) {
    ASSERT_TRUE(
        client.Send({"POST", "/", body}, steady_clock::now() + std::chrono::milliseconds(200))
            .ok());
    EXPECT_FALSE(client.was_sent());
    ASSERT_EQ((*client.AwaitHead(Soon()))->code, 413U);
    EXPECT_EQ(*client.ReadBody(Soon()), connection);
  }
}

TEST_F(ClientTest, WhatWasSentIsKnown) {
  Client client({"127.0.0.1", "1"}, "", waiter_);
  EXPECT_FALSE(client.Send({"GET", "/"}, Soon()).ok());
  EXPECT_FALSE(client.was_sent());
  Client other(url(), "", waiter_);
  EXPECT_TRUE(other.Send({"GET", "/hold"}, Soon()).ok());
  EXPECT_TRUE(other.was_sent());
}

TEST_F(ClientTest, NobodyAtThePortIsNamed) {
  Client client({"127.0.0.1", "1"}, "", waiter_);
  EXPECT_THAT(client.Ask({"GET", "/"}, Soon()).status().message(),
              HasSubstr("cannot connect to 127.0.0.1:1: Connection refused"));
}

}  // namespace
}  // namespace daybook::http
