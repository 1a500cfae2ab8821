#include "http/response_parser.h"

#include <gtest/gtest.h>

namespace daybook::http {
namespace {

constexpr const char* kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"
    "3\r\n100\r\n5;x=\"y\"\r\n0\r\n\r\n\r\n0\r\n\r\n";

// What came of bytes that came in two parts.
std::string BodyOf(ResponseParser& parser, std::string_view bytes, std::size_t first) {
  std::string body;
  for (const std::string_view part : {bytes.substr(0, first), bytes.substr(first)}) {
    EXPECT_TRUE(parser.Put(part).ok());
    body += parser.TakeBody();
  }
  return body;
}

TEST(ResponseParserTest, AnySplitGivesTheSame) {
  const std::string_view bytes = kChunked;
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    ResponseParser parser;
    EXPECT_EQ(BodyOf(parser, bytes, first), "1000\r\n\r\n") << first;
    EXPECT_TRUE(parser.is_done()) << first;
    EXPECT_TRUE(parser.keep_alive()) << first;
    EXPECT_EQ(parser.head().Field("x-a"), "b");
  }
}

TEST(ResponseParserTest, ByteByByteGivesTheSame) {
  ResponseParser parser;
  std::string body;
  for (const char* byte = kChunked; *byte != '\0'; ++byte) {
    EXPECT_FALSE(parser.is_done());
    ASSERT_TRUE(parser.Put({byte, 1}).ok());
    body += parser.TakeBody();
  }
  EXPECT_TRUE(parser.is_done());
  EXPECT_EQ(body, "1000\r\n\r\n");
}

TEST(ResponseParserTest, AnAnswerIsBehindOneThatIsProvisional) {
  const std::string_view bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok";
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    ResponseParser parser;
    EXPECT_EQ(BodyOf(parser, bytes, first), "ok") << first;
    EXPECT_EQ(parser.head().code, 201U) << first;
  }
}

TEST(ResponseParserTest, ABodyWithoutALengthEndsWithTheConnection) {
  ResponseParser parser;
  EXPECT_EQ(BodyOf(parser, "HTTP/1.0 200 OK\r\n\r\nall of it", 25), "all of it");
  EXPECT_FALSE(parser.is_done());
  EXPECT_TRUE(parser.PutEnd().ok());
  EXPECT_TRUE(parser.is_done());
  EXPECT_FALSE(parser.keep_alive());
}

TEST(ResponseParserTest, WhatIsCutOffIsNoAnswer) {
  for (const char* bytes : {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"}) {
    ResponseParser parser;
    EXPECT_TRUE(parser.Put(bytes).ok());
    EXPECT_EQ(parser.PutEnd().code(), StatusCode::kUnavailable) << bytes;
  }
}

TEST(ResponseParserTest, SomethingElseThanHttpIsSaid) {
  ResponseParser parser;
  EXPECT_EQ(parser.Put("SSH-2.0-OpenSSH_9.2\r\n\r\n").code(), StatusCode::kUnavailable);
}

TEST(ResponseParserTest, WhatComesBehindAnAnswerEndsTheConnectionsUse) {
  ResponseParser parser;
  EXPECT_TRUE(parser.Put("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1").ok());
  EXPECT_TRUE(parser.is_done());
  EXPECT_FALSE(parser.keep_alive());
}

}  // namespace
}  // namespace daybook::http
