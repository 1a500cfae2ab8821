// Logs by name, over a real socket: how they are made, named, listed and deleted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/engines_test.h"

namespace daybook::api {
namespace {

using test::Reply;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kJson = "Content-Type: application/json\r\n";
constexpr const char* kOneRecord = R"({"records":[{"text":"a"}]})";

class NamedLogsTest : public EnginesTest {
 protected:
  explicit NamedLogsTest(const ApiLimits& limits = {}) : EnginesTest(limits) {}

  Reply Put(const std::string& name, const std::string& fields = "") {
    return Ask("PUT", "/v1/logs/" + name, "", fields);
  }
  Reply Append(const std::string& name, const std::string& text = "a") {
    return Ask("POST", "/v1/logs/" + name + "/records", R"({"records":[{"text":")" + text + "\"}]}",
               kJson);
  }
  std::string Texts(const std::string& name) {
    std::string body = Ask("GET", "/v1/logs/" + name + "/records?encoding=text").body;
    std::string texts;
    for (std::size_t at = 0; (at = body.find("\"text\":\"", at)) != std::string::npos;) {
      at += 8;
      texts += body.substr(at, body.find('"', at) - at) + " ";
    }
    return texts;
  }
  // Of what a list shows.
  static std::vector<std::string> Names(const std::string& body) {
    std::vector<std::string> names;
    for (std::size_t at = 0; (at = body.find("{\"name\":\"", at)) != std::string::npos;) {
      at += 9;
      names.push_back(body.substr(at, body.find('"', at) - at));
    }
    return names;
  }
  std::string IdOf(const std::string& name) {
    return Ask("GET", "/v1/logs/" + name + "/records").Field("log-id");
  }
};

TEST_P(NamedLogsTest, APutMakesALogOnceAndChangesItAfterwards) {
  const Reply made =
      Ask("PUT", "/v1/logs/a", R"({"retention":{"max_age":"7d","max_bytes":null}})", kJson);
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.Field("location"), "/v1/logs/a");
  EXPECT_THAT(made.Field("etag"), testing::StartsWith("W/\""));
  EXPECT_THAT(made.body, testing::StartsWith(R"({"name":"a","id":")"));
  EXPECT_THAT(made.body, HasSubstr(R"("next_offset":0)"));
  EXPECT_THAT(made.body, HasSubstr(R"("retention":{"max_age":"7d"})"));
  const Reply same = Put("a");
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(same.body, made.body);
  EXPECT_EQ(same.Field("location"), "");
  const Reply changed = Ask("PUT", "/v1/logs/a", R"({"retention":{"max_age":"1h"}})", kJson);
  EXPECT_EQ(changed.status, 200);
  EXPECT_THAT(changed.body, HasSubstr(R"("max_age":"1h")"));
}

TEST_P(NamedLogsTest, IfNoneMatchOnlyMakes) {
  EXPECT_EQ(Put("a", "If-None-Match: *\r\n").status, 201);
  const Reply there = Ask("PUT", "/v1/logs/a", R"({"retention":{"max_age":"1h"}})",
                          std::string(kJson) + "If-None-Match: *\r\n");
  ExpectProblem(there, 412, "precondition-failed", "there already");
  EXPECT_THAT(Ask("GET", "/v1/logs/a").body, HasSubstr(R"("retention":{})"));
  ExpectProblem(Put("a", "If-None-Match: \"x\"\r\n"), 400, "invalid-header", "If-None-Match");
  ExpectProblem(Put("a", "If-Match: *\r\n"), 400, "invalid-header", "log_id");
  ExpectProblem(Ask("DELETE", "/v1/logs/a", "", "If-Match: \"x\"\r\n"), 400, "invalid-header",
                "log_id");
}

TEST_P(NamedLogsTest, EachNameIsALogOfItsOwn) {
  const std::vector<std::string> names = {"a.b", "a_b",     "a-b", "a..b",
                                          "con", "records", "0",   std::string(128, 'x')};
  for (const std::string& name : names) {
    ASSERT_EQ(Put(name).status, 201) << name;
    ASSERT_EQ(Append(name, name).status, 201) << name;
    EXPECT_EQ(Append(name, name).Field("location"), "/v1/logs/" + name + "/records/1");
  }
  for (const std::string& name : names) EXPECT_EQ(Texts(name), name + " " + name + " ");
  EXPECT_EQ(Texts("default"), "");
  EXPECT_EQ(Texts("%61%2eb"), "a.b a.b ");
}

TEST_P(NamedLogsTest, WhatIsNoNameIsNoLog) {
  for (const std::string& path :
       {std::string("A"), std::string(".a"), std::string("-a"), std::string("a/b"),
        std::string("a%2fb"), std::string("%00"), std::string("%zz"), std::string(".."),
        std::string("."), std::string("a%20"), std::string("a%C3%BC"), std::string(129, 'x'),
        std::string("a/"), std::string("/a"), std::string("a%0a"), std::string("%2561")}) {
    for (const char* method : {"GET", "PUT", "DELETE"}) {
      const Reply reply = Ask(method, "/v1/logs/" + path);
      EXPECT_TRUE(reply.status == 400 || reply.status == 404) << method << path << reply.status;
    }
    const Reply append = Append(path);
    EXPECT_TRUE(append.status == 400 || append.status == 404) << path;
    EXPECT_THAT(append.body, HasSubstr(R"("outcome":"not_appended")")) << path;
  }
  ExpectProblem(Put("A"), 400, "invalid-parameter", "1 to 128 of a-z, 0-9");
  EXPECT_THAT(Names(Ask("GET", "/v1/logs").body), ElementsAre("default"));
}

TEST_P(NamedLogsTest, ADeletedLogIsNoMoreAndDefaultStays) {
  ASSERT_EQ(Put("a").status, 201);
  ASSERT_EQ(Append("a").status, 201);
  const Reply gone = Ask("DELETE", "/v1/logs/a");
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(gone.Field("content-length"), "");
  ExpectProblem(Ask("DELETE", "/v1/logs/a"), 404, "no-such-log", "'a'");
  ExpectProblem(Ask("GET", "/v1/logs/a"), 404, "no-such-log", "'a'");
  ExpectProblem(Ask("GET", "/v1/logs/a/records"), 404, "no-such-log", "'a'");
  ExpectProblem(Ask("GET", "/v1/logs/a/records/0"), 404, "no-such-log", "'a'");
  ExpectProblem(Ask("POST", "/v1/logs/a/trim", R"({"before":0})", kJson), 404, "no-such-log",
                "'a'");
  ExpectProblem(Ask("GET", "/v1/logs/a/cursors"), 404, "no-such-log", "'a'");
  const Reply append = Append("a");
  ExpectProblem(append, 404, "no-such-log", "'a'");
  EXPECT_THAT(append.body, HasSubstr(R"("outcome":"not_appended")"));
  ExpectProblem(Ask("DELETE", "/v1/logs/default"), 409, "default-log", "'default'");
  EXPECT_EQ(Ask("GET", "/v1/logs/default").status, 200);
}

TEST_P(NamedLogsTest, ALogIsTrimmedAndTheOthersAreNot) {
  for (const char* name : {"a", "b"}) {
    ASSERT_EQ(Put(name).status, 201);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(Append(name, std::to_string(i)).status, 201);
  }
  const Reply reply = Ask("POST", "/v1/logs/a/trim", R"({"before":2})", kJson);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr(R"("name":"a")"));
  EXPECT_THAT(reply.body, HasSubstr(R"("first_offset":2,"next_offset":3)"));
  EXPECT_EQ(Texts("a"), "2 ");
  EXPECT_EQ(Texts("b"), "0 1 2 ");
}

TEST_P(NamedLogsTest, LogsAreListedByNamePageAfterPage) {
  for (const char* name : {"b", "a.2", "a.1", "a", "c"}) ASSERT_EQ(Put(name).status, 201);
  ASSERT_EQ(Append("b").status, 201);
  const Reply all = Ask("GET", "/v1/logs");
  EXPECT_EQ(all.status, 200);
  EXPECT_EQ(all.Field("content-type"), "application/json");
  EXPECT_THAT(Names(all.body), ElementsAre("a", "a.1", "a.2", "b", "c", "default"));
  EXPECT_THAT(all.body, testing::EndsWith("}}]}\n"));
  EXPECT_THAT(all.body, HasSubstr(Ask("GET", "/v1/logs/b").body.substr(0, 40)));
  EXPECT_THAT(all.body, HasSubstr(R"("first_timestamp":"2023-11-14T22:13:20.000Z")"));
  const Reply first = Ask("GET", "/v1/logs?limit=4");
  EXPECT_THAT(Names(first.body), ElementsAre("a", "a.1", "a.2", "b"));
  EXPECT_THAT(first.body, testing::EndsWith("],\"next\":\"b\"}\n"));
  const Reply last = Ask("GET", "/v1/logs?limit=4&after=b");
  EXPECT_THAT(Names(last.body), ElementsAre("c", "default"));
  EXPECT_THAT(last.body, Not(HasSubstr("\"next\"")));
  EXPECT_THAT(Ask("GET", "/v1/logs?limit=6").body, Not(HasSubstr("\"next\"")));
  EXPECT_THAT(Names(Ask("GET", "/v1/logs?prefix=a.").body), ElementsAre("a.1", "a.2"));
  EXPECT_THAT(Names(Ask("GET", "/v1/logs?prefix=a&after=a.1").body), ElementsAre("a.2"));
  EXPECT_THAT(Names(Ask("GET", "/v1/logs?prefix=b&after=a").body), ElementsAre("b"));
  EXPECT_EQ(Ask("GET", "/v1/logs?prefix=z").body, "{\"logs\":[]}\n");
  for (const char* query : {"limit=0", "limit=x", "limit=-1", "log_id=a", "prefix=%zz"})
    EXPECT_EQ(Ask("GET", std::string("/v1/logs?") + query).status, 400) << query;
}

TEST_P(NamedLogsTest, AsManyLogsAreListedAsAreAllowedAndNoMore) {
  if (std::string(GetParam()) == "jetstream") GTEST_SKIP() << "each log takes a moment to be made";
  for (int i = 0; i < 1'100; ++i) ASSERT_EQ(Put("log." + std::to_string(i)).status, 201);
  EXPECT_EQ(Names(Ask("GET", "/v1/logs").body).size(), 100U);
  EXPECT_EQ(Names(Ask("GET", "/v1/logs?limit=18446744073709551615").body).size(), 1'000U);
}

TEST_P(NamedLogsTest, HeadAndOtherMethodsAreTheRouters) {
  for (const char* target : {"/v1/logs", "/v1/logs/default", "/v1/logs/default/cursors",
                             "/v1/logs/other", "/v1/logs/default/cursors/none"}) {
    const Reply get = Ask("GET", target);
    const Reply head = Ask("HEAD", target);
    EXPECT_EQ(head.status, get.status) << target;
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.Field("content-length"), get.Field("content-length")) << target;
  }
  EXPECT_EQ(Ask("POST", "/v1/logs").Field("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(Ask("POST", "/v1/logs/default").Field("allow"), "GET, HEAD, PUT, DELETE, OPTIONS");
  EXPECT_EQ(Ask("POST", "/v1/logs/default/cursors").Field("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(Ask("POST", "/v1/logs/default/cursors/c").Field("allow"),
            "GET, HEAD, PUT, DELETE, OPTIONS");
}

TEST_P(NamedLogsTest, WhatIsReadAndAppendedSaysOfWhichLogItIs) {
  ASSERT_EQ(Put("a").status, 201);
  const Reply append = Append("a");
  const std::string id = append.Field("log-id");
  EXPECT_EQ(id.size(), 36U);
  EXPECT_THAT(Ask("GET", "/v1/logs/a").body, HasSubstr("\"id\":\"" + id + "\""));
  for (const char* target : {"/v1/logs/a/records", "/v1/logs/a/records/0", "/v1/logs/a/records/7",
                             "/v1/logs/a/records?offset=7"})
    EXPECT_EQ(Ask("GET", target).Field("log-id"), id) << target;
  const Reply refused = Ask("POST", "/v1/logs/a/records", kOneRecord,
                            std::string(kJson) + "Expected-Next-Offset: 9\r\n");
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(refused.Field("log-id"), id);
  EXPECT_NE(Ask("GET", "/v1/logs/default/records").Field("log-id"), id);
}

TEST_P(NamedLogsTest, ARequestThatNamesItsLogIsForNoOther) {
  ASSERT_EQ(Put("a").status, 201);
  ASSERT_EQ(Put("b").status, 201);
  ASSERT_EQ(Append("a").status, 201);
  const std::string own = IdOf("a");
  const std::string other = IdOf("b");
  struct Case {
    const char* method;
    const char* target;
    const char* body;
  };
  constexpr Case kCases[] = {{"GET", "/v1/logs/a", ""},
                             {"GET", "/v1/logs/a/records", ""},
                             {"GET", "/v1/logs/a/records/0", ""},
                             {"GET", "/v1/logs/a/cursors", ""},
                             {"PUT", "/v1/logs/a/cursors/c", R"({"offset":0})"},
                             {"GET", "/v1/logs/a/cursors/c", ""},
                             {"DELETE", "/v1/logs/a/cursors/c", ""},
                             {"POST", "/v1/logs/a/records", kOneRecord},
                             {"PUT", "/v1/logs/a", "{}"},
                             {"POST", "/v1/logs/a/trim", R"({"before":0})"},
                             {"DELETE", "/v1/logs/a", ""}};
  for (const auto& [method, target, body] : kCases) {
    const std::string with_id = std::string(target) + "?log_id=";
    ExpectProblem(Ask(method, with_id + other, body, kJson), 409, "other-log",
                  "\"id\":\"" + own + "\"");
    for (const std::string& wrong : {std::string("x"), std::string(), std::string(36, '0')})
      ExpectProblem(Ask(method, with_id + wrong, body, kJson), 400, "invalid-parameter",
                    "'log_id'");
    const Reply right = Ask(method, with_id + own, body, kJson);
    EXPECT_TRUE(right.status / 100 == 2) << method << target << right.status << right.body;
  }
  EXPECT_EQ(Ask("PUT", "/v1/logs/a?log_id=" + own).status, 404) << "an id is not made";
  EXPECT_THAT(Ask("POST", "/v1/logs/b/records?log_id=" + own, kOneRecord, kJson).body,
              HasSubstr(R"("outcome":"not_appended")"));
  EXPECT_EQ(Texts("b"), "");
}

TEST_P(NamedLogsTest, APageOfANamedLogMayBeKeptForAMinute) {
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Append("default").status, 201);
  const std::string named = "/v1/logs/default/records?log_id=" + IdOf("default");
  const auto kept = [&](const std::string& query) {
    return Ask("GET", named + query).Field("cache-control");
  };
  EXPECT_EQ(kept("&limit=2"), "private, max-age=60");
  EXPECT_EQ(kept("&limit=2&offset=1"), "private, max-age=60");
  EXPECT_EQ(kept("&limit=2&since=2000-01-01T00:00:00Z"), "private, max-age=60");
  EXPECT_EQ(kept("&last=4&limit=2"), "private, no-cache") << "others as the log grows";
  EXPECT_EQ(kept(""), "no-store");
  EXPECT_EQ(kept("&offset=3"), "no-store");
}

INSTANTIATE_TEST_SUITE_P(Engines, NamedLogsTest, Engines(), EngineName);

class AutoCreateTest : public NamedLogsTest {
 protected:
  AutoCreateTest() : NamedLogsTest(Limits()) {}
  static ApiLimits Limits() {
    ApiLimits limits;
    limits.auto_create = true;
    return limits;
  }
};

TEST_P(AutoCreateTest, TheFirstAppendMakesTheLog) {
  const Reply first = Append("a", "first");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.Field("location"), "/v1/logs/a/records/0");
  EXPECT_EQ(Append("a", "second").Field("log-id"), first.Field("log-id"));
  EXPECT_EQ(Texts("a"), "first second ");
}

TEST_P(AutoCreateTest, WhatIsNoAppendMakesNone) {
  EXPECT_EQ(Ask("POST", "/v1/logs/a/records", R"({"records":[]})", kJson).status, 400);
  EXPECT_EQ(Ask("POST", "/v1/logs/a/records", kOneRecord, "").status, 415);
  EXPECT_EQ(Append("A").status, 400);
  EXPECT_EQ(Ask("GET", "/v1/logs/a/records").status, 404);
  EXPECT_EQ(Ask("PUT", "/v1/logs/a/cursors/c", R"({"offset":0})", kJson).status, 404);
  const Reply named =
      Ask("POST", "/v1/logs/a/records?log_id=" + IdOf("default"), kOneRecord, kJson);
  ExpectProblem(named, 404, "no-such-log", R"("outcome":"not_appended")");
  EXPECT_THAT(Names(Ask("GET", "/v1/logs").body), ElementsAre("default"));
}

INSTANTIATE_TEST_SUITE_P(Engines, AutoCreateTest, Engines(), EngineName);

}  // namespace
}  // namespace daybook::api
