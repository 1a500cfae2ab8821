#include <gtest/gtest.h>

#include <set>
#include <string>

#include "http/probe_server.h"
#include "support/http_client.h"

namespace daybook::test {
namespace {

std::string IdFor(HttpClient& client, const std::string& fields) {
  client.Send(Get("/target", fields));
  const auto reply = client.Read();
  return reply ? reply->Field("x-request-id") : "no answer";
}

TEST(RequestId, AClientsOwnIsSentBack) {
  ProbeServer server;
  HttpClient client(server.port());
  EXPECT_EQ(IdFor(client, "X-Request-ID: a-b/c=d:1\r\n"), "a-b/c=d:1");
  const std::string longest(128, 'x');
  EXPECT_EQ(IdFor(client, "x-request-id: " + longest + "\r\n"), longest);
}

TEST(RequestId, OneThatIsNotFitForALogIsReplaced) {
  ProbeServer server;
  HttpClient client(server.port());
  for (const std::string& unfit :
       {std::string(), std::string(129, 'x'), std::string("two words"), std::string("\xC3\xBC")}) {
    const std::string id = IdFor(client, "X-Request-Id: " + unfit + "\r\n");
    EXPECT_EQ(id.size(), 13U) << unfit;
    EXPECT_EQ(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz"), std::string::npos) << id;
  }
}

TEST(RequestId, ThoseMadeHereAreAllDifferent) {
  ProbeServer server;
  std::set<std::string> ids;
  for (int connection = 0; connection < 4; ++connection) {
    HttpClient client(server.port());
    for (int i = 0; i < 500; ++i) ids.insert(IdFor(client, ""));
  }
  EXPECT_EQ(ids.size(), 2000U);
}

TEST(RequestId, ARequestThatIsRefusedHasOne) {
  ProbeServer server;
  HttpClient client(server.port());
  client.Send("GET / HTTP/1.1\r\nX-Request-Id: mine\r\nTransfer-Encoding: gzip\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Read()->Field("x-request-id"), "mine");
}

}  // namespace
}  // namespace daybook::test
