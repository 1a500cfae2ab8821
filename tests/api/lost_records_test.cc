// What a client is told of records that a repair gave up, over a real socket.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "api/api.h"
#include "disk/log_folder_test.h"
#include "http/server.h"
#include "support/http_client.h"

namespace daybook::api {
namespace {

class LostRecordsTest : public disk::LogFolderTest {};

TEST_F(LostRecordsTest, AreGoneAndTheProblemSaysWhereToGoOn) {
  Write({"0"});
  WriteLost(Offset(1), 3);
  Write({"4"});
  const auto store = std::move(
      *disk::DiskLogStore::Open(files_, Clock::System(), "/data", {},
                                [](const Status& status) { ADD_FAILURE() << status.message(); }));
  store->AwaitRecovery();
  http::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  const auto server = std::move(
      *http::Server::Start(options, MakeRouter(*store, {"1.2.3", "abc", "g++"}, {1 << 20}, {})));
  test::HttpClient client(server->port());
  const auto read = [&](const std::string& target) {
    client.Send(test::Get(target));
    return client.Read().value_or(test::Reply{});
  };
  const std::string records = "/v1/logs/default/records";
  for (const std::string& target :
       {std::string("/?offset="), records + "/", records + "?offset="}) {
    for (int offset = 1; offset < 4; ++offset) {
      const test::Reply reply = read(target + std::to_string(offset));
      EXPECT_EQ(reply.status, 410);
      EXPECT_EQ(reply.Field("content-type"), "application/problem+json");
      EXPECT_NE(reply.body.find(R"("type":"urn:daybook:problem:lost")"), std::string::npos);
      EXPECT_NE(reply.body.find(R"("resume_offset":4)"), std::string::npos) << reply.body;
    }
  }
  EXPECT_EQ(read("/?offset=0").body, "{\"record\":{\"value\":\"MA==\",\"offset\":0}}\n");
  EXPECT_EQ(read("/?offset=4").body, "{\"record\":{\"value\":\"NA==\",\"offset\":4}}\n");
  const test::Reply before = read(records);
  EXPECT_EQ(before.Field("next-offset"), "1");
  EXPECT_EQ(before.Field("end-offset"), "");
  EXPECT_EQ(read(records + "?key=a").Field("next-offset"), "1");
  EXPECT_EQ(read(records + "?since=9999-01-01T00:00:00Z").Field("next-offset"), "5");
}

}  // namespace
}  // namespace daybook::api
