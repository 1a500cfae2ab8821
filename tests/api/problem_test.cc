#include "api/problem.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "api/status_map.h"

namespace daybook::api {
namespace {

TEST(Problem, HasTheMembersOfRfc9457AndItsOwn) {
  const http::Response response = Problem(http::Code::Gone, "trimmed", "offset \"3\"")
                                      .Member("first_offset", 7)
                                      .Member("outcome", kNotAppended)
                                      .ToResponse();
  EXPECT_EQ(response.body,
            "{\"type\":\"urn:daybook:problem:trimmed\",\"title\":\"offset trimmed\",\"status\":410,"
            "\"detail\":\"offset \\\"3\\\"\",\"first_offset\":7,\"outcome\":\"not_appended\"}\n");
  EXPECT_EQ(response.fields,
            "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n");
}

TEST(Problem, AnOverloadSaysWhenToTryAgain) {
  EXPECT_NE(Problem(http::Code::Service_Unavailable, "overloaded", "x")
                .ToResponse()
                .fields.find("Retry-After: 1\r\n"),
            std::string::npos);
}

TEST(Problem, EveryKindIsInTheDocs) {
  std::ifstream file(DAYBOOK_DOCS "/problems.md");
  std::stringstream docs;
  docs << file.rdbuf();
  for (const std::string_view kind : ProblemKinds()) {
    EXPECT_NE(docs.str().find("| `" + std::string(kind) + "` |"), std::string::npos) << kind;
  }
}

TEST(StatusMap, EveryErrorHasItsAnswerAndItsOutcome) {
  for (int code = 1; code <= static_cast<int>(StatusCode::kInternal); ++code) {
    const Status status(static_cast<StatusCode>(code), "why", Offset(3));
    EXPECT_GE(static_cast<int>(ProblemOf(status).ToResponse().code), 400);
    EXPECT_NE(AppendProblemOf(status).ToResponse().body.find("\"outcome\":"), std::string::npos);
  }
  const http::Response full = AppendProblemOf(Status(StatusCode::kNoSpace, "full")).ToResponse();
  EXPECT_EQ(full.code, http::Code::Insufficient_Storage);
  EXPECT_NE(full.body.find("not_appended"), std::string::npos);
  const http::Response unknown =
      AppendProblemOf(Status(StatusCode::kUnknownOutcome, "?")).ToResponse();
  EXPECT_NE(unknown.body.find("\"outcome\":\"unknown\""), std::string::npos);
  EXPECT_EQ(unknown.fields.find("Retry-After"), std::string::npos) << "a repeat could append twice";
  EXPECT_NE(ProblemOf(Status(StatusCode::kBeyondEnd, "x", Offset(3)))
                .ToResponse()
                .body.find("\"next_offset\":3"),
            std::string::npos);
}

}  // namespace
}  // namespace daybook::api
