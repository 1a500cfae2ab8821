#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace daybook::http {
namespace {

using Outcome = RequestParser::Outcome;

const std::string kHost = "Host: a\r\n";

struct Parsed {
  Outcome outcome = Outcome::kNeedMore;
  int error = 0;
  std::string body;
  std::size_t consumed = 0;
};

class RequestParserTest : public testing::Test {
 protected:
  // One request out of `bytes`, which arrive in pieces of `piece_bytes`.
  Parsed Parse(const std::string& bytes, std::size_t piece_bytes = std::string::npos) {
    RequestParser parser(limits_, budget_);
    Parsed parsed;
    std::string input;
    for (std::size_t at = 0; at < bytes.size() && parsed.outcome == Outcome::kNeedMore;
         at += std::min(piece_bytes, bytes.size())) {
      input += bytes.substr(at, piece_bytes);
      std::size_t used = 0;
      parsed.outcome = parser.Parse(input, used);
      parsed.consumed += used;
      input.erase(0, used);
    }
    if (parsed.outcome == Outcome::kError) parsed.error = static_cast<int>(parser.error().code);
    parsed.body = parser.request().body();
    return parsed;
  }
  int ErrorOf(const std::string& bytes) {
    const Parsed parsed = Parse(bytes);
    EXPECT_EQ(Parse(bytes, 1).error, parsed.error) << bytes;
    return parsed.error;
  }

  Limits limits_;
  BodyBudget budget_{1 << 20};
};

TEST_F(RequestParserTest, ReadsMethodTargetFieldsAndBody) {
  RequestParser parser(limits_, budget_);
  std::size_t used = 0;
  const std::string bytes =
      "PUT /a/b?c=d HTTP/1.1\r\nHost: h\r\nX: 1\r\nx:  2 \r\nContent-Length: 3\r\n\r\nabcGET";
  ASSERT_EQ(parser.Parse(bytes, used), Outcome::kRequest);
  EXPECT_EQ(used, bytes.size() - 3);
  const Request& request = parser.request();
  EXPECT_EQ(request.method(), Method::Put);
  EXPECT_EQ(request.path(), "/a/b");
  EXPECT_EQ(request.query(), "c=d");
  EXPECT_EQ(request.Header("HOST"), "h");
  EXPECT_EQ(request.HeaderList("x"), "1, 2");
  EXPECT_EQ(request.Header("none"), std::nullopt);
  EXPECT_EQ(request.body(), "abc");
  EXPECT_TRUE(parser.keep_alive());
}

TEST_F(RequestParserTest, AChunkedBodyIsTheSameSplitAtEveryByte) {
  const std::string bytes = "POST / HTTP/1.1\r\n" + kHost +
                            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00006;a=\"b\"\r\n "
                            "world\r\n0\r\nTrailer: x\r\n\r\n";
  for (std::size_t split = 1; split < bytes.size(); ++split) {
    RequestParser parser(limits_, budget_);
    std::size_t used = 0;
    ASSERT_EQ(parser.Parse(bytes.substr(0, split), used), Outcome::kNeedMore) << split;
    ASSERT_EQ(parser.Parse(bytes.substr(used), used), Outcome::kRequest) << split;
    ASSERT_EQ(used, bytes.size());
    ASSERT_EQ(parser.request().body(), "hello world");
    ASSERT_EQ(parser.request().Header("trailer"), std::nullopt);
  }
  EXPECT_EQ(Parse(bytes, 1).body, "hello world");
}

TEST_F(RequestParserTest, WhatIsAmbiguousIsRefused) {
  const std::string get = "GET / HTTP/1.1\r\n";
  const std::string post = "POST / HTTP/1.1\r\n" + kHost;
  const std::vector<std::string> ambiguous = {
      post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
      post + "Content-Length: 5, 5\r\n\r\nhello",
      post + "Content-Length: +5\r\n\r\nhello",
      post + "Content-Length: -5\r\n\r\nhello",
      post + "Content-Length: 0x5\r\n\r\nhello",
      post + "Content-Length: 5 5\r\n\r\nhello",
      post + "Content-Length: \r\n\r\n",
      post + "Content-Length: 99999999999999999999\r\n\r\n",
      post + "Content-Length : 5\r\n\r\nhello",
      post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      get + "\r\n",
      get + kHost + "Host: b\r\n\r\n",
      get + "Host: a b\r\n\r\n",
      get + "Host: a,b\r\n\r\n",
      get + kHost + "A: b\r\n folded\r\n\r\n",
      get + kHost + "A: b\r\n\tfolded\r\n\r\n",
      get + " " + kHost + "\r\n",
      get + kHost + "A : b\r\n\r\n",
      get + kHost + ": b\r\n\r\n",
      get + kHost + "A b\r\n\r\n",
      get + kHost + "A: b\rc\r\n\r\n",
      get + kHost + "A: b\nc: d\r\n\r\n",
      get + kHost + std::string("A: b\0c\r\n\r\n", 10),
      get + kHost + "A: \x01\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n",
      "GET /a b HTTP/1.1\r\n" + kHost + "\r\n",
      "GET  / HTTP/1.1\r\n" + kHost + "\r\n",
      "GET /\x80 HTTP/1.1\r\n" + kHost + "\r\n",
      "GET /a#b HTTP/1.1\r\n" + kHost + "\r\n",
      "GET a HTTP/1.1\r\n" + kHost + "\r\n",
      "GET * HTTP/1.1\r\n" + kHost + "\r\n",
      "GET http:// HTTP/1.1\r\n" + kHost + "\r\n",
      "GET /\r\n\r\n",
      "G\x01T / HTTP/1.1\r\n" + kHost + "\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      std::string(40, '\r') + "\n",
  };
  for (const std::string& bytes : ambiguous) EXPECT_EQ(ErrorOf(bytes), 400) << bytes;
}

TEST_F(RequestParserTest, BadChunksAreRefused) {
  const std::string post = "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string chunks :
       {"5 \r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n",
        "-1\r\nhello\r\n", "5\nhello\n0\n\n\r\n", "fffffffffffffffff\r\n\r\n", "g\r\nhello\r\n",
        ";\r\nhello\r\n"}) {
    EXPECT_EQ(ErrorOf(post + chunks), 400) << chunks;
  }
}

TEST_F(RequestParserTest, WhatIsNotImplementedSaysSo) {
  EXPECT_EQ(ErrorOf("BREW / HTTP/1.1\r\n" + kHost + "\r\n"), 501);
  EXPECT_EQ(ErrorOf("get / HTTP/1.1\r\n" + kHost + "\r\n"), 501);
  EXPECT_EQ(ErrorOf("CONNECT a:1 HTTP/1.1\r\n" + kHost + "\r\n"), 501);
  for (const std::string coding :
       {"gzip", "xchunked", "chunked, gzip", "gzip, chunked", "identity"}) {
    EXPECT_EQ(ErrorOf("POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: " + coding +
                      "\r\n\r\n0\r\n\r\n"),
              501)
        << coding;
  }
  EXPECT_EQ(ErrorOf("GET / HTTP/2.0\r\n" + kHost + "\r\n"), 505);
  EXPECT_EQ(ErrorOf("GET / HTTP/1.1\r\n" + kHost + "Expect: 200-ok\r\n\r\n"), 417);
}

TEST_F(RequestParserTest, LimitsHoldToTheByte) {
  limits_.target_bytes_max = 100;
  limits_.header_bytes_max = 400;
  limits_.body_bytes_max = 10;
  EXPECT_EQ(ErrorOf("GET /" + std::string(99, 'x') + " HTTP/1.1\r\n" + kHost + "\r\n"), 0);
  EXPECT_EQ(ErrorOf("GET /" + std::string(100, 'x') + " HTTP/1.1\r\n" + kHost + "\r\n"), 414);
  EXPECT_EQ(ErrorOf("GET /" + std::string(1000, 'x')), 414);
  const std::string start = "GET / HTTP/1.1\r\n" + kHost + "A: ";
  EXPECT_EQ(ErrorOf(start + std::string(396 - start.size(), 'x') + "\r\n\r\n"), 0);
  EXPECT_EQ(ErrorOf(start + std::string(397 - start.size(), 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(ErrorOf(start + std::string(1000, 'x')), 431);
  const std::string post = "POST / HTTP/1.1\r\n" + kHost;
  EXPECT_EQ(ErrorOf(post + "Content-Length: 10\r\n\r\n0123456789"), 0);
  EXPECT_EQ(ErrorOf(post + "Content-Length: 11\r\n\r\n"), 413);
  EXPECT_EQ(
      ErrorOf(post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n"), 0);
  EXPECT_EQ(ErrorOf(post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\nhello!"), 413);
  EXPECT_EQ(ErrorOf(post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(500, 'x')), 431);
  EXPECT_EQ(ErrorOf(post + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + std::string(500, 'x')),
            431);
}

TEST_F(RequestParserTest, ABodyBudgetThatIsUsedUpIsAnOverload) {
  BodyBudget budget(10'000);
  RequestParser first(limits_, budget);
  RequestParser second(limits_, budget);
  const std::string start =
      "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 9000\r\n\r\n" + std::string(8000, 'x');
  std::size_t used = 0;
  EXPECT_EQ(first.Parse(start, used), Outcome::kNeedMore);
  EXPECT_EQ(second.Parse(start, used = 0), Outcome::kError);
  EXPECT_EQ(second.error().code, Code::Service_Unavailable);
  first.Next();
  second.Next();
  EXPECT_EQ(second.Parse(start, used = 0), Outcome::kNeedMore);
}

TEST_F(RequestParserTest, KeepAliveFollowsVersionAndConnection) {
  const auto keep_alive = [&](const std::string& bytes) {
    RequestParser parser(limits_, budget_);
    std::size_t used = 0;
    EXPECT_EQ(parser.Parse(bytes, used), Outcome::kRequest) << bytes;
    return parser.keep_alive();
  };
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\n" + kHost + "\r\n"));
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\n" + kHost +
                         "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\n" + kHost + "Connection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keep_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST_F(RequestParserTest, BlankLinesBeforeARequestAreSkippedUpToALimit) {
  EXPECT_EQ(Parse("\r\n\r\nGET / HTTP/1.1\r\n" + kHost + "\r\n", 1).outcome, Outcome::kRequest);
  std::string many;
  for (int i = 0; i < 20; ++i) many += "\r\n";
  EXPECT_EQ(ErrorOf(many), 400);
}

TEST_F(RequestParserTest, AnAbsoluteTargetLosesItsAuthority) {
  RequestParser parser(limits_, budget_);
  std::size_t used = 0;
  ASSERT_EQ(parser.Parse("GET HTTP://other:1?q HTTP/1.1\r\n" + kHost + "\r\n", used),
            Outcome::kRequest);
  EXPECT_EQ(parser.request().path(), "/");
  EXPECT_EQ(parser.request().query(), "q");
}

}  // namespace
}  // namespace daybook::http
