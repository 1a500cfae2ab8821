#include "client/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daybook::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MembersTest, HaveThePathsOfTheirDocument) {
  const Members members = Members::Of(
      R"({"a":1,"b":{"c":"x","d":[{"e":true},{"e":null}]},"f":"two\nlines","g":18446744073709551615})");
  EXPECT_EQ(members.Number("a"), 1U);
  EXPECT_EQ(members.Text("b.c"), "x");
  EXPECT_EQ(members.Text("b.d.0.e"), "true");
  EXPECT_EQ(members.Text("b.d.1.e"), "");
  EXPECT_EQ(members.Text("f"), "two\nlines");
  EXPECT_EQ(members.Number("g"), UINT64_MAX);
  EXPECT_EQ(members.Text("b"), std::nullopt);
  EXPECT_EQ(members.Number("b.c"), std::nullopt);
}

TEST(MembersTest, WhatIsNoJsonHasNone) {
  EXPECT_EQ(Members::Of("<html>").Text("a"), std::nullopt);
  EXPECT_EQ(Members::Of("").Text("a"), std::nullopt);
}

TEST(ObjectsInTest, AreAsTheyStandThere) {
  const std::string document =
      R"({"logs":[{"name":"a\u0041","r":{"x":[{}]}},{"name":"b"}],"logsmore":[{"n":1}]})";
  EXPECT_THAT(ObjectsIn(document, "logs").value(),
              ElementsAre(R"({"name":"a\u0041","r":{"x":[{}]}})", R"({"name":"b"})"));
  EXPECT_THAT(ObjectsIn(R"({"logs":[]})", "logs").value(), IsEmpty());
  EXPECT_EQ(ObjectsIn("nothing", "logs"), std::nullopt);
  EXPECT_EQ(ObjectsIn(R"({"log":[]})", "logs"), std::nullopt);
}

TEST(AnswerTest, AProblemSaysWhatItSays) {
  const Answer problem{404, R"({"type":"urn:daybook:problem:no-such-log","detail":"no log"})"};
  EXPECT_FALSE(problem.ok());
  EXPECT_EQ(problem.Kind(), "no-such-log");
  EXPECT_EQ(problem.ToStatus().message(), "no log");
  EXPECT_EQ(problem.ToStatus().code(), StatusCode::kNotFound);
}

TEST(AnswerTest, WhatAProxySaysIsItsCode) {
  const Answer problem{502, "<html>Bad gateway</html>"};
  EXPECT_EQ(problem.Kind(), "");
  EXPECT_EQ(problem.ToStatus().message(), "the server answered 502");
  EXPECT_EQ(problem.ToStatus().code(), StatusCode::kUnavailable);
}

TEST(AnswerTest, WhoIsNotLetInIsToldTheCode) {
  EXPECT_EQ((Answer{401, R"({"detail":"no such token"})"}).ToStatus().message(),
            "the server answered 401: no such token");
}

}  // namespace
}  // namespace daybook::client
