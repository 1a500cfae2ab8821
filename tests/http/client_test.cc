#include "http/client.h"

#include <gtest/gtest.h>

namespace daybook::http {
namespace {

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
  for (const char* text : {"", "daybook:8080", "https://daybook", "http://", "http://:80",
                           "http://a:", "http://a:b", "http://a:123456", "http://a/b", "http://a?b",
                           "http://u@a", "http://[::1", "http://[::1]8"})
    EXPECT_EQ(ServerUrl::Parse(text).status().code(), StatusCode::kInvalidArgument) << text;
}

}  // namespace
}  // namespace daybook::http
