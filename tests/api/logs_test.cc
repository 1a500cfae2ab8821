// The routes of a log itself, over a real socket and on each engine.

#include "api/logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api/engines_test.h"

namespace daybook::api {
namespace {

using test::Reply;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kJson = "Content-Type: application/json\r\n";

class LogsTest : public EnginesTest {
 protected:
  Reply Ask(const std::string& method, const std::string& target, const std::string& body = "",
            const std::string& fields = kJson) {
    return EnginesTest::Ask(method, target, body, fields);
  }
  void Append(int count) {
    for (int i = 0; i < count; ++i)
      ASSERT_EQ(Ask("POST", "/", R"({"record":{"value":"aGk="}})").status, 200);
  }
};

TEST_P(LogsTest, ALogIsDescribed) {
  const Reply empty = Ask("GET", "/v1/logs/default");
  EXPECT_EQ(empty.status, 200);
  EXPECT_THAT(empty.body, HasSubstr(R"("first_offset":0,"next_offset":0,"records":0,"bytes":)"));
  EXPECT_THAT(empty.body, Not(HasSubstr("timestamp")));
  Append(2);
  if (!SetTime(1'700'000'001'500)) GTEST_SKIP() << "the engine has a clock of its own";
  Append(1);
  const Reply reply = Ask("GET", "/v1/logs/default");
  EXPECT_EQ(reply.Field("content-type"), "application/json");
  EXPECT_THAT(reply.body, testing::StartsWith(R"({"name":"default","id":")"));
  EXPECT_THAT(reply.body, HasSubstr(R"("created":"2023-11-14T22:13:20.000Z")"));
  EXPECT_THAT(reply.body, HasSubstr(R"("first_offset":0,"next_offset":3,"records":3)"));
  EXPECT_THAT(reply.body, HasSubstr(R"("first_timestamp":"2023-11-14T22:13:20.000Z")"));
  EXPECT_THAT(reply.body, HasSubstr(R"("last_timestamp":"2023-11-14T22:13:21.500Z")"));
  EXPECT_THAT(reply.body, EndsWith(R"("retention":{},"idempotency":{"window":"1h","keys":100000}})"
                                   "\n"));
}

TEST_P(LogsTest, ATrimTakesRecordsFromReadersAtOnce) {
  Append(5);
  const Reply reply = Ask("POST", "/v1/logs/default/trim", R"({"before":3})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr(R"("first_offset":3,"next_offset":5,"records":2)"));
  const Reply gone = Ask("GET", "/?offset=2");
  EXPECT_EQ(gone.status, 410);
  EXPECT_THAT(gone.body, HasSubstr(R"("first_offset":3)"));
  EXPECT_EQ(Ask("GET", "/?offset=3").status, 200);
  EXPECT_THAT(Ask("POST", "/v1/logs/default/trim", R"({"before":1})").body,
              HasSubstr(R"("first_offset":3)"));
  EXPECT_THAT(Ask("POST", "/v1/logs/default/trim", R"({"before":5})").body,
              HasSubstr(R"("first_offset":5,"next_offset":5,"records":0)"));
  EXPECT_EQ(Ask("POST", "/", R"({"record":{"value":"aGk="}})").body, "{\"offset\":5}\n");
}

TEST_P(LogsTest, ATrimBeyondTheEndIs400AndNamesTheEnd) {
  Append(2);
  const Reply reply = Ask("POST", "/v1/logs/default/trim", R"({"before":3})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr(R"("next_offset":2)"));
  EXPECT_EQ(Ask("GET", "/?offset=0").status, 200);
}

TEST_P(LogsTest, SettingsChangeAndAbsentMembersStay) {
  const Reply set =
      Ask("PUT", "/v1/logs/default", R"({"retention":{"max_age":"7d","max_bytes":"10Gi"}})");
  EXPECT_EQ(set.status, 200);
  EXPECT_THAT(set.body, HasSubstr(R"("retention":{"max_age":"7d","max_bytes":"10Gi"},)"));
  EXPECT_THAT(Ask("PUT", "/v1/logs/default", R"({"retention":{"max_bytes":1048576}})").body,
              HasSubstr(R"("retention":{"max_age":"7d","max_bytes":"1Mi"},)"));
  EXPECT_THAT(Ask("PUT", "/v1/logs/default", R"({"retention":{"max_age":null}})").body,
              HasSubstr(R"("retention":{"max_bytes":"1Mi"},)"));
  EXPECT_THAT(Ask("PUT", "/v1/logs/default", "", "").body,
              HasSubstr(R"("retention":{"max_bytes":"1Mi"},)"));
  EXPECT_THAT(Ask("GET", "/v1/logs/default").body,
              HasSubstr(R"("retention":{"max_bytes":"1Mi"},)"));
}

TEST_P(LogsTest, WhatRetentionTookIsGoneForReaders) {
  Append(3);
  ASSERT_EQ(Ask("PUT", "/v1/logs/default", R"({"retention":{"max_age":"1h"}})").status, 200);
  if (!SetTime(1'700'000'000'000 + 2 * 3'600'000))
    GTEST_SKIP() << "the engine has a clock of its own";
  if (auto* const disk = dynamic_cast<disk::DiskLogStore*>(store_.get())) disk->AwaitHousekeeping();
  EXPECT_EQ(Ask("GET", "/?offset=2").status, 410);
  EXPECT_EQ(Ask("POST", "/", R"({"record":{"value":"aGk="}})").body, "{\"offset\":3}\n");
}

TEST_P(LogsTest, WhatIsWrongInABodyIsNamed) {
  const auto refused = [&](const char* method, const char* target, const char* body,
                           const char* named) {
    const Reply reply = Ask(method, target, body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_THAT(reply.body, HasSubstr(named)) << body;
  };
  for (const auto& [body, named] :
       {std::pair{R"({"retention":{"max_age":"soon"}})", "retention.max_age"},
        std::pair{R"({"retention":{"max_age":"0s"}})", "retention.max_age"},
        std::pair{R"({"retention":{"max_age":5}})", "retention.max_age"},
        std::pair{R"({"retention":{"max_bytes":"10 GB"}})", "retention.max_bytes"},
        std::pair{R"({"retention":{"max_bytes":0}})", "retention.max_bytes"},
        std::pair{R"({"retention":{"max_bytes":[]}})", "retention.max_bytes"},
        std::pair{R"({"retention":{"maxAge":"7d"}})", "retention.maxAge"},
        std::pair{R"({"retention":{},"other":{"max_age":"7d"}})", "member other"},
        std::pair{R"({"retention":7})", "retention"}, std::pair{R"([])", "not an object"},
        std::pair{R"({"retention":{}}x)", "byte"}}) {
    refused("PUT", "/v1/logs/default", body, named);
  }
  for (const auto& [body, named] :
       {std::pair{R"({})", "before"}, std::pair{R"({"before":-1})", "before"},
        std::pair{R"({"before":"3"})", "before"}, std::pair{R"({"before":1.0})", "before"},
        std::pair{R"({"before":0,"after":1})", "after"}, std::pair{"", "byte"}}) {
    refused("POST", "/v1/logs/default/trim", body, named);
  }
  EXPECT_THAT(Ask("GET", "/v1/logs/default").body, HasSubstr(R"("retention":{})"));
}

TEST_P(LogsTest, ABodyThatIsNotSaidToBeJsonIs415) {
  for (const char* const fields :
       {"", "Content-Type: application/x-www-form-urlencoded\r\n", "Content-Type: text/json\r\n"}) {
    const Reply reply = Ask("POST", "/v1/logs/default/trim", R"({"before":0})", fields);
    EXPECT_EQ(reply.status, 415) << fields;
    EXPECT_THAT(reply.body, HasSubstr("send Content-Type: application/json"));
  }
  const std::string json = "content-type: Application/JSON ; charset=utf-8\r\n";
  EXPECT_EQ(Ask("POST", "/v1/logs/default/trim", R"({"before":0})", json).status, 200);
  const Reply coded =
      Ask("POST", "/v1/logs/default/trim", R"({"before":0})", json + "Content-Encoding: gzip\r\n");
  EXPECT_EQ(coded.status, 415);
  EXPECT_EQ(coded.Field("accept-encoding"), "identity");
}

TEST_P(LogsTest, OtherLogsAndParametersThereAreNot) {
  EXPECT_EQ(Ask("GET", "/v1/logs/other").status, 404);
  EXPECT_EQ(Ask("POST", "/v1/logs/other/trim", R"({"before":0})").status, 404);
  EXPECT_THAT(Ask("GET", "/v1/logs/default?verbose=1").body, HasSubstr("verbose"));
  EXPECT_EQ(Ask("DELETE", "/v1/logs/default/trim").Field("allow"), "POST, OPTIONS");
}

TEST_P(LogsTest, AnEntityTagIsOfTheLogsState) {
  const std::string tag = Ask("GET", "/v1/logs/default").Field("etag");
  EXPECT_THAT(tag, testing::StartsWith("W/\""));
  const auto conditional = [&](const std::string& tags) {
    return Ask("GET", "/v1/logs/default", "", "If-None-Match: " + tags + "\r\n");
  };
  const Reply same = conditional("\"other\", " + tag);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.Field("etag"), tag);
  EXPECT_EQ(conditional(tag.substr(2)).status, 304);
  EXPECT_EQ(conditional("\"other\"").status, 200);
  Append(1);
  EXPECT_EQ(conditional(tag).status, 200);
  EXPECT_EQ(
      Ask("PUT", "/v1/logs/default", "{}", std::string(kJson) + "If-None-Match: *\r\n").status,
      412);
}

INSTANTIATE_TEST_SUITE_P(Engines, LogsTest, Engines(), EngineName);

}  // namespace
}  // namespace daybook::api
