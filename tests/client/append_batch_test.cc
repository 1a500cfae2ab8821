#include "client/append_batch.h"

#include <gtest/gtest.h>

namespace daybook::client {
namespace {

using config::AppendOptions;

std::string LineOf(const AppendOptions& options, std::string_view value) {
  std::string line;
  const Status status = AppendRecordLine(options, value, line);
  return status.ok() ? line : status.message();
}

TEST(AppendRecordLineTest, TextIsTextAndBytesAreBase64) {
  const AppendOptions options;
  EXPECT_EQ(LineOf(options, "a \"b\"\t\\"), "{\"text\":\"a \\\"b\\\"\\u0009\\\\\"}\n");
  EXPECT_EQ(LineOf(options, ""), "{\"text\":\"\"}\n");
  EXPECT_EQ(LineOf(options, "\xFF\xFE"), "{\"value\":\"//4=\"}\n");
}

TEST(AppendRecordLineTest, KeyAndHeadersAreEachRecords) {
  AppendOptions options;
  options.key = "k\"";
  options.headers = {{"a", "1"}, {"b", "\""}};
  EXPECT_EQ(LineOf(options, "x"),
            "{\"text\":\"x\",\"key\":\"k\\\"\",\"headers\":{\"a\":\"1\",\"b\":\"\\\"\"}}\n");
}

TEST(AppendRecordLineTest, JsonIsAsItIsWrittenOnOneLine) {
  AppendOptions options;
  options.input = AppendOptions::Input::kJson;
  EXPECT_EQ(LineOf(options, "{\"n\": 1.0,\r\n\"m\":[]}"), "{\"json\":{\"n\": 1.0,  \"m\":[]}}\n");
}

TEST(AppendRecordLineTest, WhatGoesOnBehindAJsonValueIsRefused) {
  AppendOptions options;
  options.input = AppendOptions::Input::kJson;
  for (const char* value : {R"(1,"key":"x")", "1}{", "", "nul", "\"\xFF\""}) {
    std::string line;
    EXPECT_EQ(AppendRecordLine(options, value, line).code(), StatusCode::kInvalidArgument) << value;
  }
}

TEST(AppendRecordLineTest, ARecordIsPassedOn) {
  AppendOptions options;
  options.input = AppendOptions::Input::kRecords;
  EXPECT_EQ(LineOf(options, R"({"text":"a"})"), "{\"text\":\"a\"}\n");
}

TEST(AppendBatchTest, ItHasRoomForSoManyRecordsAndBytes) {
  AppendBatch batch({2, 10});
  EXPECT_TRUE(batch.HasRoom(10));
  EXPECT_FALSE(batch.HasRoom(11));
  batch.Add("abc\n", 7);
  EXPECT_TRUE(batch.HasRoom(6));
  EXPECT_FALSE(batch.HasRoom(7));
  batch.Add("de\n", 9);
  EXPECT_FALSE(batch.HasRoom(0));
  EXPECT_EQ(batch.Lines(0, 2), "abc\nde\n");
  EXPECT_EQ(batch.number(1), 9U);
}

TEST(AppendBatchTest, ItGivesAPartOfIt) {
  AppendBatch batch({9, 99});
  for (const char* line : {"a\n", "b\n", "c\n"}) batch.Add(line, 1);
  EXPECT_EQ(batch.Lines(0, 2), "a\nb\n");
  EXPECT_EQ(batch.Lines(1, 3), "b\nc\n");
  EXPECT_EQ(batch.Lines(1, 1), "");
  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.Lines(0, 0), "");
}

}  // namespace
}  // namespace daybook::client
