#include "api/batch_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace daybook::api {
namespace {

using testing::HasSubstr;

constexpr std::optional<std::size_t> kNone;

ApiLimits SmallLimits() {
  ApiLimits limits;
  limits.batch_records_max = 3;
  limits.record.value_bytes_max = 20;
  return limits;
}

struct Outcome {
  std::optional<BatchFault> fault;
  log::Batch batch;
};

Outcome Json(std::string body) {
  Outcome outcome;
  outcome.fault = ParseJsonBatch(body, SmallLimits(), outcome.batch);
  return outcome;
}

// In pieces of so many bytes.
Outcome Lines(std::string_view body, std::size_t piece_bytes) {
  NdjsonBatch lines(SmallLimits());
  Outcome outcome;
  for (std::size_t at = 0; at < body.size() && !outcome.fault; at += piece_bytes)
    outcome.fault = lines.Add(body.substr(at, piece_bytes));
  if (!outcome.fault) outcome.fault = lines.Finish(outcome.batch);
  return outcome;
}

std::vector<std::string> Values(const log::Batch& batch) {
  std::vector<std::string> values;
  for (const log::NewRecord& record : batch) values.push_back(record.value);
  return values;
}

TEST(BatchBody, ADocumentHoldsRecordsInTheirOrder) {
  const Outcome outcome = Json(
      R"( {"records" : [ {"value":"AP8="} , {"key":"k","json": [1e400, {"a":[]}] , "headers":{"A":"b"}},)"
      R"({"text":"\u00fc"} ] } )");
  ASSERT_FALSE(outcome.fault) << outcome.fault->status.message();
  EXPECT_THAT(Values(outcome.batch),
              testing::ElementsAre(std::string("\0\xFF", 2), "[1e400, {\"a\":[]}]", "\xC3\xBC"));
  EXPECT_EQ(outcome.batch[1].key, "k");
  EXPECT_THAT(outcome.batch[1].headers, testing::ElementsAre(testing::Pair("a", "b")));
  EXPECT_FALSE(outcome.batch[2].key);
}

TEST(BatchBody, TheFirstBadRecordOfADocumentIsNamed) {
  const auto expect = [](const char* body, std::optional<std::size_t> index, const char* reason,
                         StatusCode code = StatusCode::kInvalidArgument) {
    const Outcome outcome = Json(body);
    ASSERT_TRUE(outcome.fault) << body;
    EXPECT_EQ(outcome.fault->index, index) << body;
    EXPECT_EQ(outcome.fault->line, kNone);
    EXPECT_EQ(outcome.fault->status.code(), code) << body;
    EXPECT_THAT(outcome.fault->status.message(), HasSubstr(reason));
  };
  expect(R"({"records":[{"text":"a"},{"text":1}]})", 1, "the member text is a number");
  expect(R"({"records":[{"text":"a"},7]})", 1, "the record is a number");
  expect(R"({"records":[[]]})", 0, "the record is an array");
  expect(R"({"records":[{"text":"a"}{"text":"b"}]})", 1, "at byte");
  expect(R"({"records":[{"text":"a","text":"b"}]})", 0, "stands twice");
  expect(R"({"records":[{"text":"a","headers":{"b":"","B":""}}]})", 0, "stands twice");
  expect(R"({"records":[{},{"text":"a"}]})", 0, "none of the members");
  expect(R"({"records":[{"text":"1234567890ABCDEFGHIJK"}]})", 0, "21 bytes", StatusCode::kTooLarge);
  expect(R"({"records":[]})", kNone, "there are no records");
  expect(R"({})", kNone, "the member records is missing");
  expect(R"({"record":{"text":"a"}})", kNone, "no member \"record\"; send {\"records\":");
  expect(R"({"records":{"text":"a"}})", kNone, "records is an object");
  expect(R"({"records":null})", kNone, "records is null");
  expect(R"([{"text":"a"}])", kNone, "the body is an array");
  expect(R"("a")", kNone, "the body is a string");
  expect(R"({"records":[{"text":"a"}],"records":[]})", kNone, "stands twice");
  expect(R"({"records":[{"text":"a"}]} x)", kNone, "at byte");
  expect("", kNone, "at byte");
  expect(R"({"records":[{"text":""},{"text":""},{"text":""},{"text":""}]})", kNone,
         "more than 3 records", StatusCode::kTooLarge);
}

TEST(BatchBody, LinesEndAnyWayAndBlankOnesDoNotCount) {
  const std::string line = R"({"text":"a"})";
  for (const std::string& body : {line, line + "\n", line + "\r\n", "\n\r\n" + line,
                                  line + "\n\n \t\r\n", "  " + line + " \r\n"}) {
    for (const std::size_t piece_bytes : {1, 3, 1000}) {
      const Outcome outcome = Lines(body, piece_bytes);
      ASSERT_FALSE(outcome.fault) << body << outcome.fault->status.message();
      EXPECT_THAT(Values(outcome.batch), testing::ElementsAre("a"));
    }
  }
}

TEST(BatchBody, LinesGiveTheSameInAnyPieces) {
  const std::string body =
      "{\"text\":\"\xC3\xBC\"}\r\n{\"json\":\t[1 ,\r2]}\n\n{\"value\":\"AAE=\",\"key\":\"k\"}";
  for (std::size_t piece_bytes = 1; piece_bytes <= body.size(); ++piece_bytes) {
    const Outcome outcome = Lines(body, piece_bytes);
    ASSERT_FALSE(outcome.fault) << outcome.fault->status.message();
    EXPECT_THAT(Values(outcome.batch),
                testing::ElementsAre("\xC3\xBC", "[1 ,\r2]", std::string("\0\1", 2)));
    EXPECT_EQ(outcome.batch[2].key, "k");
  }
}

TEST(BatchBody, TheFirstBadRecordOfLinesIsNamedWithItsLine) {
  const auto expect = [](const std::string& body, std::optional<std::size_t> index,
                         std::optional<std::size_t> line, const char* reason) {
    for (const std::size_t piece_bytes : {1, 5, 1000}) {
      const Outcome outcome = Lines(body, piece_bytes);
      ASSERT_TRUE(outcome.fault) << body;
      EXPECT_EQ(outcome.fault->index, index) << body;
      EXPECT_EQ(outcome.fault->line, line) << body;
      EXPECT_THAT(outcome.fault->status.message(), HasSubstr(reason));
    }
  };
  expect("{\"text\":\"a\"}\n\nx\n{}", 1, 3, "at byte");
  expect("{\"text\":\"a\"}\n{}", 1, 2, "none of the members");
  expect("{\"text\":\"1234567890ABCDEFGHIJK\"}\n{}", 0, 1, "21 bytes");
  expect("{\"text\":\n\"a\"}", 0, 1, "at byte");
  expect("\xEF\xBB\xBF{\"text\":\"a\"}", 0, 1, "byte order mark");
  expect("", kNone, kNone, "there are no records");
  expect(" \r\n\n", kNone, kNone, "there are no records");
  expect("{\"text\":\"\"}\n{\"text\":\"\"}\n{\"text\":\"\"}\n{\"text\":\"\"}", kNone, kNone,
         "more than 3 records");
}

TEST(BatchBody, ARawRecordIsTheBody) {
  log::Batch batch;
  ASSERT_FALSE(TakeRawBatch(std::string("\0\xFF\n", 3), "k", SmallLimits(), batch));
  EXPECT_THAT(Values(batch), testing::ElementsAre(std::string("\0\xFF\n", 3)));
  EXPECT_EQ(batch[0].key, "k");
  log::Batch large;
  const auto fault = TakeRawBatch("1234567890ABCDEFGHIJK", std::nullopt, SmallLimits(), large);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->status.code(), StatusCode::kTooLarge);
}

TEST(BatchBody, AFaultIsAProblemThatNamesThePlace) {
  const auto body = [](const BatchFault& fault) { return fault.ToProblem().ToResponse().body; };
  const Status wrong(StatusCode::kInvalidArgument, "wrong");
  const Status large(StatusCode::kTooLarge, "large");
  EXPECT_THAT(body({wrong, 2, 4}),
              testing::AllOf(HasSubstr("problem:invalid-body"),
                             HasSubstr(R"("detail":"line 4, record 2: wrong")"),
                             HasSubstr(R"("index":2,"line":4)")));
  EXPECT_THAT(body({large, 2, {}}),
              testing::AllOf(HasSubstr("problem:record-too-large"), HasSubstr(R"("status":413)")));
  EXPECT_THAT(body({large, {}, {}}), testing::AllOf(HasSubstr("problem:batch-too-large"),
                                                    testing::Not(HasSubstr("index"))));
}

}  // namespace
}  // namespace daybook::api
