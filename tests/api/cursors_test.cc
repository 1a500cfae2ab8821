// Cursors, over a real socket.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api/engines_test.h"

namespace daybook::api {
namespace {

using test::Reply;
using testing::HasSubstr;

constexpr const char* kJson = "Content-Type: application/json\r\n";
const std::string kCursors = "/v1/logs/default/cursors";

class CursorsTest : public EnginesTest {
 protected:
  CursorsTest() { Append(10); }

  void Append(int count) {
    for (int i = 0; i < count; ++i)
      ASSERT_EQ(Ask("POST", "/", R"({"record":{"value":"aGk="}})").status, 200);
  }
  Reply Put(const std::string& name, std::uint64_t offset, const std::string& fields = "") {
    return Ask("PUT", kCursors + "/" + name, "{\"offset\":" + std::to_string(offset) + "}",
               kJson + fields);
  }
  Reply Get(const std::string& name) { return Ask("GET", kCursors + "/" + name); }
  Reply Delete(const std::string& name, const std::string& fields = "") {
    return Ask("DELETE", kCursors + "/" + name, "", fields);
  }
  // That it is there, and where.
  void ExpectAt(const std::string& name, std::uint64_t offset) {
    const Reply reply = Get(name);
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.body, HasSubstr("\"offset\":" + std::to_string(offset) + ","));
  }
};

TEST_P(CursorsTest, APutMakesACursorAndThenMovesIt) {
  const Reply made = Put("c", 3);
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.Field("location"), "/v1/logs/default/cursors/c");
  EXPECT_EQ(made.Field("cache-control"), "no-store");
  const std::string tag = made.Field("etag");
  ASSERT_GT(tag.size(), 2U);
  const std::string revision = tag.substr(1, tag.size() - 2);
  EXPECT_EQ(tag, "\"" + revision + "\"");
  EXPECT_EQ(made.body, R"({"name":"c","offset":3,"revision":)" + revision +
                           ",\"lag\":7,\"next_offset\":10}\n");
  EXPECT_EQ(Get("c").body, made.body);
  EXPECT_EQ(Get("c").Field("etag"), tag);
  const Reply moved = Put("c", 10);
  EXPECT_EQ(moved.status, 200);
  EXPECT_EQ(moved.Field("location"), "");
  EXPECT_NE(moved.Field("etag"), tag);
  EXPECT_THAT(moved.body, HasSubstr("\"lag\":0,"));
  EXPECT_EQ(Put("c", 2).status, 200) << "a cursor may move back";
  ExpectAt("c", 2);
}

TEST_P(CursorsTest, ItsLagGrowsWithTheLog) {
  Put("c", 10);
  Append(4);
  EXPECT_THAT(Get("c").body, HasSubstr("\"lag\":4,\"next_offset\":14}"));
}

TEST_P(CursorsTest, BehindTheEndThereIsNoPlaceForIt) {
  const Reply reply = Put("c", 11);
  ExpectProblem(reply, 400, "invalid-body", "\"next_offset\":10");
  EXPECT_EQ(Get("c").status, 404);
}

TEST_P(CursorsTest, ADeletedCursorIsNoMore) {
  Put("c", 1);
  Put("d", 2);
  const Reply gone = Delete("c");
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.Field("content-length"), "");
  ExpectProblem(Get("c"), 404, "no-such-cursor", "'c'");
  ExpectProblem(Delete("c"), 404, "no-such-cursor", "'c'");
  ExpectAt("d", 2);
}

TEST_P(CursorsTest, IfMatchMovesOnlyWhatNobodyElseMoved) {
  const std::string first = Put("c", 1).Field("etag");
  const std::string second = Put("c", 2, "If-Match: " + first + "\r\n").Field("etag");
  ASSERT_NE(second, "");
  const Reply late = Put("c", 3, "If-Match: " + first + "\r\n");
  ExpectProblem(late, 412, "precondition-failed", "moved meanwhile");
  ExpectAt("c", 2);
  EXPECT_EQ(Put("c", 3, "If-Match: \"x\" , " + second + "\r\n").status, 200) << "a list";
  const std::string third = Get("c").Field("etag");
  EXPECT_EQ(Put("c", 4, "If-Match: W/" + third + "\r\n").status, 412) << "compared strongly";
  EXPECT_EQ(Put("c", 4, "If-Match: \"x\"\r\nIf-Match: " + third + "\r\n").status, 200);
  EXPECT_EQ(Put("c", 5, "If-Match: *\r\n").status, 200);
  ExpectAt("c", 5);
  EXPECT_EQ(Put("none", 5, "If-Match: *\r\n").status, 412);
  EXPECT_EQ(Put("none", 5, "If-Match: " + third + "\r\n").status, 412);
  EXPECT_EQ(Get("none").status, 404);
}

TEST_P(CursorsTest, IfNoneMatchOnlyMakes) {
  EXPECT_EQ(Put("c", 1, "If-None-Match: *\r\n").status, 201);
  ExpectProblem(Put("c", 2, "If-None-Match: *\r\n"), 412, "precondition-failed", "there already");
  ExpectAt("c", 1);
}

TEST_P(CursorsTest, ADeleteMayBeConditionalToo) {
  const std::string first = Put("c", 1).Field("etag");
  const std::string second = Put("c", 2).Field("etag");
  EXPECT_EQ(Delete("c", "If-Match: " + first + "\r\n").status, 412);
  ExpectAt("c", 2);
  EXPECT_EQ(Delete("c", "If-Match: " + second + "\r\n").status, 204);
  EXPECT_EQ(Delete("c", "If-Match: " + second + "\r\n").status, 412);
}

TEST_P(CursorsTest, ARevisionNeverComesBack) {
  const std::string before = Put("c", 1).Field("etag");
  Delete("c");
  EXPECT_NE(Put("c", 1).Field("etag"), before);
}

TEST_P(CursorsTest, AConditionThatIsNoneIs400) {
  for (const char* field :
       {"If-Match: 17", "If-Match: \"17", "If-Match: \"17\" \"18\"", "If-Match: *, \"17\"",
        "If-Match:", "If-None-Match: \"17\"", "If-Match: *\r\nIf-None-Match: *"}) {
    const Reply reply = Put("c", 1, std::string(field) + "\r\n");
    ExpectProblem(reply, 400, "invalid-header", "Match");
  }
  EXPECT_EQ(Get("c").status, 404);
}

TEST_P(CursorsTest, WhatIsWrongInABodyIsNamed) {
  for (const auto& [body, named] :
       {std::pair{"{}", "offset is missing"}, std::pair{R"({"offset":-1})", "member offset"},
        std::pair{R"({"offset":"1"})", "member offset"},
        std::pair{R"({"offset":1.0})", "member offset"},
        std::pair{R"({"offset":1,"by":"me"})", "member by"},
        std::pair{R"({"offset":1,"offset":1})", "offset"}, std::pair{"", "byte"},
        std::pair{"[]", "not an object"}, std::pair{R"({"offset":1}x)", "byte"}}) {
    const Reply reply = Ask("PUT", kCursors + "/c", body, kJson);
    ExpectProblem(reply, 400, "invalid-body", named);
  }
  EXPECT_EQ(Ask("PUT", kCursors + "/c", R"({"offset":1})").status, 415);
  EXPECT_EQ(Get("c").status, 404);
}

TEST_P(CursorsTest, EachNameIsACursorOfItsOwnAndEachLogHasItsOwn) {
  ASSERT_EQ(Ask("PUT", "/v1/logs/other").status, 201);
  const std::vector<std::string> names = {"a.b", "a_b", "a-b", "a..b", std::string(128, 'x')};
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(Put(names[i], i).status, 201);
  for (std::size_t i = 0; i < names.size(); ++i) ExpectAt(names[i], i);
  EXPECT_EQ(Ask("GET", "/v1/logs/other/cursors/a.b").status, 404);
  for (const std::string& name : {std::string("A"), std::string(".a"), std::string("a%2fb"),
                                  std::string("%00"), std::string(".."), std::string(129, 'x')}) {
    const Reply reply = Put(name, 1);
    EXPECT_TRUE(reply.status == 400 || reply.status == 404) << name << reply.status;
  }
  ExpectProblem(Put("A", 1), 400, "invalid-parameter", "a cursor's name is 1 to 128");
}

TEST_P(CursorsTest, AllAreListedByName) {
  EXPECT_EQ(Ask("GET", kCursors).body, "{\"cursors\":[]}\n");
  Put("b", 4);
  Put("a", 10);
  const auto shown = [&](const char* name) {
    std::string body = Get(name).body;
    body.pop_back();
    return body;
  };
  EXPECT_EQ(Ask("GET", kCursors).body, "{\"cursors\":[" + shown("a") + "," + shown("b") + "]}\n");
  EXPECT_EQ(Ask("GET", kCursors + "?limit=1").status, 400);
}

TEST_P(CursorsTest, ATrimLeavesThemWhereTheyAre) {
  Put("c", 2);
  ASSERT_EQ(Ask("POST", "/v1/logs/default/trim", R"({"before":5})", kJson).status, 200);
  EXPECT_THAT(Get("c").body, HasSubstr(R"("offset":2,)"));
  EXPECT_THAT(Get("c").body, HasSubstr("\"lag\":8,"));
}

INSTANTIATE_TEST_SUITE_P(Engines, CursorsTest, Engines(), EngineName);

}  // namespace
}  // namespace daybook::api
