// What a server says of itself, over a real socket and on each engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/engines_test.h"

namespace daybook::api {
namespace {

using test::Reply;
using testing::HasSubstr;
using testing::StartsWith;

class ApiInfoTest : public EnginesTest {
 protected:
  ApiInfoTest() : EnginesTest(Limits()) {}
  static ApiLimits Limits() {
    ApiLimits limits;
    limits.record = {1, 2, 3, 4};
    limits.batch_records_max = 5;
    limits.page_records_max = 6;
    limits.page_bytes_max = 7;
    limits.wait_max = std::chrono::milliseconds(12);
    limits.body_bytes_max = 8;
    limits.request_header_bytes_max = 9;
    limits.logs_max = 10;
    limits.cursors_max = 11;
    return limits;
  }
};

TEST_P(ApiInfoTest, TellsVersionEngineDurabilityLimitsAndLinks) {
  const Reply reply = Ask("GET", "/v1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "application/json");
  const std::string engine = GetParam();
  EXPECT_THAT(reply.body, StartsWith(R"({"version":"1.2.3","engine":")" + engine +
                                     R"(","durability":")" + DurabilityHere() + "\","));
  EXPECT_THAT(
      reply.body,
      HasSubstr(
          R"("limits":{"record_value_bytes":1,"record_key_bytes":2,"record_headers":3,)"
          R"("record_header_bytes":4,"batch_records":5,"body_bytes":8,)"
          R"("request_header_bytes":9,"page_records":6,"page_bytes":7,"wait_ms":12,"logs":10,)"
          R"("listed_logs":1000,"cursors":11},"links":{)"));
  EXPECT_THAT(reply.body, HasSubstr(R"("records":"/v1/logs/{log}/records")"));
  EXPECT_EQ(Ask("HEAD", "/v1").status, 200);
  EXPECT_THAT(Ask("GET", "/v1?x=1").body, HasSubstr("'x'"));
}

TEST_P(ApiInfoTest, EveryLinkIsARoute) {
  std::string links = Ask("GET", "/v1").body;
  links.erase(0, links.find("\"links\""));
  int count = 0;
  for (std::size_t at = 0; (at = links.find(":\"/", at)) != std::string::npos; ++count) {
    at += 2;
    std::string target = links.substr(at, links.find('"', at) - at);
    for (const auto& [name, value] :
         {std::pair{"{log}", "default"}, std::pair{"{offset}", "0"}, std::pair{"{cursor}", "c"}}) {
      if (const std::size_t there = target.find(name); there != std::string::npos)
        target.replace(there, std::string(name).size(), value);
    }
    EXPECT_THAT(Ask("GET", target).body, testing::Not(HasSubstr("no-such-route"))) << target;
  }
  EXPECT_EQ(count, 12);
}

INSTANTIATE_TEST_SUITE_P(Engines, ApiInfoTest, Engines(), EngineName);

}  // namespace
}  // namespace daybook::api
