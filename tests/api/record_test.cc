// One record by its offset, over a real socket and on each engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api/engines_test.h"

namespace daybook::api {
namespace {

using test::Reply;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kBytes = "Accept: application/octet-stream\r\n";

class RecordTest : public EnginesTest {
 protected:
  void Append(const std::string& line) {
    const Reply reply =
        Ask("POST", "/v1/logs/default/records", line, "Content-Type: application/x-ndjson\r\n");
    ASSERT_EQ(reply.status, 201) << reply.body;
  }
  Reply Read(const std::string& offset, const std::string& fields = "") {
    return Ask("GET", "/v1/logs/default/records/" + offset, "", fields);
  }
};

TEST_P(RecordTest, IsADocument) {
  Append("{\"text\":\"a\"}\n{\"json\":[1e400],\"key\":\"k\",\"headers\":{\"a\":\"b\"}}");
  const Reply reply = Read("1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "application/json");
  EXPECT_EQ(reply.body,
            R"({"offset":1,"timestamp":"2023-11-14T22:13:20.000Z","key":"k","headers":{"a":"b"},)"
            R"("value":"WzFlNDAwXQ=="})"
            "\n");
  EXPECT_THAT(Read("1?encoding=json").body, HasSubstr(R"("json":[1e400]})"));
  EXPECT_THAT(Read("1?encoding=text").body, HasSubstr(R"("text":"[1e400]"})"));
}

TEST_P(RecordTest, IsItsBytesAloneWithTheRestInHeaderFields) {
  Append(
      R"({"value":"AP8NCg==","key":" a b%\u00fc ","headers":{"Type":"text/plain; q=1","b":"\r\nx"}})");
  const Reply reply = Read("0", kBytes);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "application/octet-stream");
  EXPECT_EQ(reply.body, std::string("\0\xFF\r\n", 4));
  EXPECT_EQ(reply.Field("daybook-offset"), "0");
  EXPECT_EQ(reply.Field("daybook-timestamp"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(reply.Field("daybook-key"), "%20a b%25%C3%BC%20");
  EXPECT_EQ(reply.Field("daybook-header-type"), "text/plain; q=1");
  EXPECT_EQ(reply.Field("daybook-header-b"), "%0D%0Ax");
  Append(R"({"text":""})");
  const Reply bare = Read("1", kBytes);
  EXPECT_EQ(bare.body, "");
  EXPECT_EQ(bare.fields.count("daybook-key"), 0U);
}

TEST_P(RecordTest, ALargeOneIsWhole) {
  const std::string value(900'000, 'x');
  Append("{\"text\":\"" + value + "\"}");
  const Reply bytes = Read("0", kBytes);
  EXPECT_EQ(bytes.Field("content-length"), "900000");
  EXPECT_TRUE(bytes.body == value);
  EXPECT_THAT(Read("0?encoding=text").body, HasSubstr(value));
  const Reply zipped = Read("0", std::string(kBytes) + "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(zipped.Field("content-encoding"), "gzip");
  EXPECT_LT(zipped.body.size(), 10'000U);
}

TEST_P(RecordTest, WhatIsNotThereIs404And410) {
  Append("{\"text\":\"a\"}\n{\"text\":\"b\"}");
  const auto expect = [](const Reply& reply, int status, const char* kind, const char* named) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.Field("content-type"), "application/problem+json");
    EXPECT_THAT(reply.body, HasSubstr(std::string("urn:daybook:problem:") + kind + "\""));
    EXPECT_THAT(reply.body, HasSubstr(named));
  };
  expect(Read("2"), 404, "offset-not-found", R"("next_offset":2)");
  expect(Read("18446744073709551615"), 404, "offset-not-found", R"("next_offset":2)");
  ASSERT_EQ(
      Ask("POST", "/v1/logs/default/trim", R"({"before":1})", "Content-Type: application/json\r\n")
          .status,
      200);
  expect(Read("0"), 410, "trimmed", R"("first_offset":1)");
  for (const char* offset :
       {"x", "-1", "+1", "1.0", "0x1", "first", "18446744073709551616", "1%20"})
    expect(Read(offset), 400, "invalid-parameter", "offset");
  expect(Read("1?limit=1"), 400, "invalid-parameter", "'limit'");
  expect(Read("1?encoding=hex"), 400, "invalid-parameter", "'encoding'");
  expect(Read("1", "Accept: application/x-ndjson\r\n"), 406, "not-acceptable",
         "application/json, application/octet-stream");
  expect(Ask("GET", "/v1/logs/other/records/0"), 404, "no-such-log", "other");
}

TEST_P(RecordTest, HasAnEntityTagForEachForm) {
  Append(R"({"text":"a"})");
  const Reply json = Read("0");
  EXPECT_THAT(json.Field("etag"), StartsWith("\""));
  EXPECT_EQ(json.Field("cache-control"), "private, no-cache");
  EXPECT_EQ(json.Field("vary"), "Accept, Accept-Encoding, Authorization");
  Append(R"({"text":"b"})");
  EXPECT_NE(Ask("GET", "/v1/logs/default/records?limit=1").Field("etag"), json.Field("etag"));
  const Reply bytes = Read("0", kBytes);
  EXPECT_NE(bytes.Field("etag"), json.Field("etag"));
  EXPECT_NE(Read("0?encoding=text").Field("etag"), json.Field("etag"));
  const std::string condition = "If-None-Match: " + bytes.Field("etag") + "\r\n";
  EXPECT_EQ(Read("0", condition).status, 200);
  const Reply same = Read("0", kBytes + condition);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.Field("etag"), bytes.Field("etag"));
  EXPECT_EQ(same.Field("daybook-offset"), "0");
}

INSTANTIATE_TEST_SUITE_P(Engines, RecordTest, Engines(), EngineName);

}  // namespace
}  // namespace daybook::api
