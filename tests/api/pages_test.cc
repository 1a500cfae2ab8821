// The pages, and the document of the API, over a real socket.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <memory>
#include <string>
#include <string_view>

#include "api/api.h"
#include "base/base64.h"
#include "http/server.h"
#include "log/memory_store.h"
#include "support/http_client.h"

namespace daybook::api {
namespace {

using test::Get;
using test::Reply;
using testing::HasSubstr;
using testing::Not;

class EmbeddedTest : public testing::TestWithParam<const char*> {
 protected:
  EmbeddedTest() {
    http::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    server_ = std::move(
        *http::Server::Start(options, MakeRouter(store_, {"1.2.3", "abc", "g++"}, {1 << 20}, {})));
    client_ = std::make_unique<test::HttpClient>(server_->port());
  }
  Reply Ask(const std::string& request, bool to_head = false) {
    client_->Send(request);
    const auto reply = client_->Read(to_head);
    EXPECT_TRUE(reply.has_value()) << request;
    return reply.value_or(Reply{});
  }

  log::MemoryLogStore store_{Clock::System(), 8 << 20};
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<test::HttpClient> client_;
};

// What the page has in its only element `name`.
std::string Inside(std::string_view page, std::string_view name) {
  const std::size_t tag = page.find("<" + std::string(name));
  EXPECT_NE(tag, std::string_view::npos) << name;
  EXPECT_EQ(page.find("<" + std::string(name), tag + 1), std::string_view::npos) << name;
  const std::size_t begin = page.find('>', tag) + 1;
  return std::string(page.substr(begin, page.find("</" + std::string(name), begin) - begin));
}

std::string Sha256Source(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  std::string source = "'sha256-";
  AppendBase64(source, {reinterpret_cast<const char*>(digest), sizeof digest});
  return source + "'";
}

std::string NameOf(const testing::TestParamInfo<const char*>& page) {
  const std::string name = std::string(page.param).substr(1);
  return name.substr(0, name.find('.'));
}

class PagesTest : public EmbeddedTest {};

TEST_P(PagesTest, IsAPageThatMayDoNoMoreThanItDoes) {
  const Reply reply = Ask(Get(GetParam()));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "text/html; charset=utf-8");
  const std::string policy = reply.Field("content-security-policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'; "));
  EXPECT_THAT(policy, HasSubstr("; connect-src 'self'; "));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy,
              HasSubstr("; script-src " + Sha256Source(Inside(reply.body, "script")) + "; "));
  EXPECT_THAT(policy, HasSubstr("; style-src " + Sha256Source(Inside(reply.body, "style")) + "; "));
}

TEST_P(PagesTest, HasAllThatItNeedsWithin) {
  const std::string page = Ask(Get(GetParam())).body;
  for (const char* part :
       {"EventSource(", "//www.", "http:", "https:", "url(", "@import", "import(",
        "src=", " style=", " onclick=", "innerHTML", "@CSS@", "@JS@"}) {
    EXPECT_THAT(page, Not(HasSubstr(part)));
  }
  EXPECT_THAT(page, Not(HasSubstr("'/v1"))) << "it may be behind a path prefix";
}

TEST_P(PagesTest, IsWhereTheFirstPageSays) {
  EXPECT_THAT(Ask(Get("/", "Accept: text/html\r\n")).body,
              HasSubstr("href=\"" + std::string(GetParam()) + "\""));
}

INSTANTIATE_TEST_SUITE_P(All, PagesTest, testing::Values("/console", "/docs"), NameOf);

TEST_P(EmbeddedTest, IsSentOnceWhileItIsTheSame) {
  for (const char* coding : {"", "Accept-Encoding: gzip\r\n"}) {
    const Reply reply = Ask(Get(GetParam(), coding));
    EXPECT_EQ(reply.Field("cache-control"), "no-cache");
    EXPECT_EQ(reply.Field("x-content-type-options"), "nosniff");
    EXPECT_EQ(reply.Field("vary"), "Accept-Encoding");
    EXPECT_EQ(reply.Field("content-encoding"), *coding ? "gzip" : "");
    const std::string tag = reply.Field("etag");
    const Reply again = Ask(Get(GetParam(), coding + ("If-None-Match: " + tag + "\r\n")));
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.Field("etag"), tag);
    EXPECT_EQ(Ask(Get(GetParam(), coding + std::string("If-None-Match: \"other\"\r\n"))).status,
              200);
  }
  EXPECT_LT(Ask(Get(GetParam(), "Accept-Encoding: gzip\r\n")).body.size(), 30'000u);
}

TEST_P(EmbeddedTest, HeadHasTheFieldsOfGet) {
  const Reply head = Ask("HEAD " + std::string(GetParam()) + " HTTP/1.1\r\nHost: a\r\n\r\n", true);
  const Reply get = Ask(Get(GetParam()));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Field("etag"), get.Field("etag"));
  EXPECT_EQ(head.Field("content-length"), std::to_string(get.body.size()));
}

TEST_P(EmbeddedTest, IsAtThatAddressAlone) {
  EXPECT_EQ(Ask(Get(GetParam() + std::string("?x=1"))).status, 400);
  EXPECT_EQ(Ask(Get(GetParam() + std::string("/"))).status, 404);
}

INSTANTIATE_TEST_SUITE_P(All, EmbeddedTest, testing::Values("/console", "/docs", "/openapi.json"),
                         NameOf);

using OpenApiTest = EmbeddedTest;

TEST_P(OpenApiTest, TheDocumentHasTheVersionOfTheBuild) {
  const Reply reply = Ask(Get(GetParam()));
  EXPECT_EQ(reply.Field("content-type"), "application/json");
  EXPECT_THAT(reply.body, HasSubstr("\"version\": \"1.2.3\""));
  EXPECT_THAT(reply.body, Not(HasSubstr("@")));
}

INSTANTIATE_TEST_SUITE_P(All, OpenApiTest, testing::Values("/openapi.json"), NameOf);

}  // namespace
}  // namespace daybook::api
