#include "api/record_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace daybook::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Result<log::NewRecord> Parse(const std::string& text,
                             ReadMembers read_members = ReadMembers::kRefused,
                             const RecordLimits& limits = {}) {
  return ParseRecord(text, read_members, limits);
}

log::NewRecord Parsed(const std::string& text) {
  Result<log::NewRecord> record = Parse(text);
  EXPECT_TRUE(record.ok()) << text << ": " << record.status().message();
  return record.ok() ? *record : log::NewRecord();
}

std::string MistakeIn(const std::string& text) {
  const Result<log::NewRecord> record = Parse(text);
  EXPECT_FALSE(record.ok()) << text;
  EXPECT_EQ(record.status().code(), StatusCode::kInvalidArgument) << text;
  return record.status().message();
}

std::string Shown(const log::RecordView& record, ValueEncoding encoding = ValueEncoding::kBase64) {
  std::string text;
  AppendRecordJson(text, record, encoding);
  return text;
}

log::RecordView WithValue(std::string_view value) {
  log::RecordView record;
  record.offset = Offset(7);
  record.timestamp = Timestamp(1'136'214'245'678);
  record.value = value;
  return record;
}

// As a HeadersView shows them.
std::string Headers(const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string bytes;
  for (const auto& [name, value] : headers) log::HeadersView::Append(bytes, name, value);
  return bytes;
}

TEST(RecordJson, AValueIsBase64OrTextOrJson) {
  EXPECT_EQ(Parsed(R"({"value":"AP8="})").value, std::string("\0\xFF", 2));
  EXPECT_EQ(Parsed(R"({"text":"a\u0000\n\ud83d\ude00"})").value,
            std::string("a\0\n\xF0\x9F\x98\x80", 7));
  EXPECT_EQ(Parsed(R"({"json":{"a":1}})").value, R"({"a":1})");
  EXPECT_EQ(Parsed(R"({"value":""})").value, "");
}

TEST(RecordJson, TheBytesOfJsonAreKept) {
  for (const std::string& json :
       {std::string("1e400"), std::string("0.1"), std::string("-0.10E+2"),
        std::string("12345678901234567890"), std::string(400, '7'), std::string("null"),
        std::string("true"), std::string("\"\""), std::string(R"("\u0061\/\n")"), std::string("[]"),
        std::string("{ }"), std::string("[ 1 ,\t{\"\\u0062\" : \"\\\"}\"} ]"),
        std::string(R"({"json":{"value":1,"key":[1e400,"\ud83d\ude00"]}})")}) {
    EXPECT_EQ(Parsed("{\"json\":" + json + "}").value, json);
    EXPECT_EQ(
        Parsed(" {\"key\":\"k\\u00fc\", \"j\\u0073on\" : \t" + json + " , \"headers\":{}} ").value,
        json);
  }
}

TEST(RecordJson, KeyAndHeadersAreOptionalAndNamesAreLowerCased) {
  const log::NewRecord bare = Parsed(R"({"text":"x"})");
  EXPECT_FALSE(bare.key);
  EXPECT_TRUE(bare.headers.empty());
  const log::NewRecord full =
      Parsed(R"({"headers":{"Content-Type":"text/plain","a":""},"text":"x","key":"\u00fc 1"})");
  EXPECT_EQ(full.key, "\xC3\xBC 1");
  EXPECT_THAT(full.headers, ElementsAre(Pair("content-type", "text/plain"), Pair("a", "")));
  EXPECT_EQ(Parsed(R"({"text":"","key":""})").key, "");
}

TEST(RecordJson, WhatIsNoRecordIsRefusedWithTheReason) {
  EXPECT_THAT(MistakeIn("7"), HasSubstr("the record is a number, not an object"));
  EXPECT_THAT(MistakeIn("[]"), HasSubstr("the record is an array, not an object"));
  EXPECT_THAT(MistakeIn("{}"), HasSubstr("none of the members value, text and json"));
  EXPECT_THAT(MistakeIn(R"({"key":"k"})"), HasSubstr("none of the members"));
  EXPECT_THAT(MistakeIn(R"({"value":"","text":""})"), HasSubstr("both value and text"));
  EXPECT_THAT(MistakeIn(R"({"json":1,"value":""})"), HasSubstr("both json and value"));
  EXPECT_THAT(MistakeIn(R"({"value":null})"), HasSubstr("the member value is null, not a string"));
  EXPECT_THAT(MistakeIn(R"({"value":"a"})"), HasSubstr("not base64"));
  EXPECT_THAT(MistakeIn(R"({"text":["x"]})"), HasSubstr("the member text is an array"));
  EXPECT_THAT(MistakeIn(R"({"text":"","key":1})"), HasSubstr("the member key is a number"));
  EXPECT_THAT(MistakeIn(R"({"text":"","key":"a\u0085"})"), HasSubstr("control character"));
  EXPECT_THAT(MistakeIn(R"({"text":"","headers":[]})"), HasSubstr("headers is an array"));
  EXPECT_THAT(MistakeIn(R"({"text":"","headers":{"a b":""}})"), HasSubstr("no HTTP token"));
  EXPECT_THAT(MistakeIn(R"({"text":"","headers":{"":""}})"), HasSubstr("no HTTP token"));
  EXPECT_THAT(MistakeIn(R"({"text":"","headers":{"a":["b"]}})"), HasSubstr("\"a\" is an array"));
  EXPECT_THAT(MistakeIn(R"({"text":"","headers":{"a":"","A":""}})"), HasSubstr("stands twice"));
  EXPECT_THAT(MistakeIn(R"({"text":"","kee":"x"})"), HasSubstr("a record has no member \"kee\""));
  EXPECT_THAT(MistakeIn(R"({"text":"","offset":7})"), HasSubstr("no member \"offset\""));
  EXPECT_THAT(MistakeIn(R"({"json":1e400x})"), HasSubstr("at byte"));
  EXPECT_THAT(MistakeIn(R"({"json":[1,]})"), HasSubstr("at byte"));
  EXPECT_THAT(MistakeIn(R"({"text":""} {})"), HasSubstr("at byte"));
}

TEST(RecordJson, WhatAReadAddsIsIgnoredWhereItMayStand) {
  const auto record =
      Parse(R"({"offset":7,"timestamp":"2006","value":"YQ=="})", ReadMembers::kIgnored);
  ASSERT_TRUE(record.ok()) << record.status().message();
  EXPECT_EQ(record->value, "a");
}

TEST(RecordJson, WhatIsLargerThanTheLimitsIsTooLarge) {
  RecordLimits limits;
  limits.value_bytes_max = 3;
  limits.key_bytes_max = 2;
  limits.headers_max = 2;
  limits.header_bytes_max = 5;
  const auto code = [&](const std::string& text) {
    return Parse(text, ReadMembers::kRefused, limits).status().code();
  };
  EXPECT_EQ(code(R"({"text":"123","key":"12","headers":{"a":"1","b":"12"}})"), StatusCode::kOk);
  EXPECT_EQ(code(R"({"text":"1234"})"), StatusCode::kTooLarge);
  EXPECT_EQ(code(R"({"text":"","key":"123"})"), StatusCode::kTooLarge);
  EXPECT_EQ(code(R"({"text":"","headers":{"a":"","b":"","c":""}})"), StatusCode::kTooLarge);
  EXPECT_EQ(code(R"({"text":"","headers":{"a":"1","b":"123"}})"), StatusCode::kTooLarge);
}

TEST(RecordJson, ARecordIsShownAsOneLine) {
  log::RecordView record = WithValue("a\n");
  EXPECT_EQ(Shown(record), R"({"offset":7,"timestamp":"2006-01-02T15:04:05.678Z","value":"YQo="})");
  record.key = "k\"";
  const std::string headers = Headers({{"a", "1"}, {"b", ""}});
  record.headers = log::HeadersView(headers, 2);
  EXPECT_EQ(Shown(record), R"({"offset":7,"timestamp":"2006-01-02T15:04:05.678Z","key":"k\"",)"
                           R"("headers":{"a":"1","b":""},"value":"YQo="})");
}

TEST(RecordJson, TextAndJsonAreShownWhereTheBytesAllow) {
  EXPECT_THAT(Shown(WithValue("a\n"), ValueEncoding::kText), HasSubstr(R"(,"text":"a\u000a"})"));
  EXPECT_THAT(Shown(WithValue("\xFF"), ValueEncoding::kText), HasSubstr(R"(,"value":"/w=="})"));
  EXPECT_THAT(Shown(WithValue("{\"a\":\r\n[1e400]}\n"), ValueEncoding::kJson),
              HasSubstr(R"(,"json":{"a":  [1e400]} })"));
  EXPECT_THAT(Shown(WithValue("{"), ValueEncoding::kJson), HasSubstr(R"(,"value":"ew=="})"));
  EXPECT_THAT(Shown(WithValue(""), ValueEncoding::kJson), HasSubstr(R"(,"value":""})"));
}

TEST(RecordJson, WhatWasShownIsReadAsTheSameRecord) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  for (const std::string& value :
       {bytes, std::string("text \xC3\xBC"), std::string("{\"a\": 1e400}"), std::string()}) {
    for (const ValueEncoding encoding :
         {ValueEncoding::kBase64, ValueEncoding::kText, ValueEncoding::kJson}) {
      log::RecordView record = WithValue(value);
      record.key = "\xC3\xBC";
      const std::string headers = Headers({{"a", "\x01\n\""}, {"b", ""}});
      record.headers = log::HeadersView(headers, 2);
      const auto read = Parse(Shown(record, encoding), ReadMembers::kIgnored);
      ASSERT_TRUE(read.ok()) << Shown(record, encoding) << ": " << read.status().message();
      EXPECT_EQ(read->value, value);
      EXPECT_EQ(read->key, record.key);
      EXPECT_THAT(read->headers, ElementsAre(Pair("a", "\x01\n\""), Pair("b", "")));
    }
  }
}

TEST(RecordJson, EncodingsHaveNames) {
  EXPECT_EQ(ParseValueEncoding("base64"), ValueEncoding::kBase64);
  EXPECT_EQ(ParseValueEncoding("text"), ValueEncoding::kText);
  EXPECT_EQ(ParseValueEncoding("json"), ValueEncoding::kJson);
  EXPECT_FALSE(ParseValueEncoding("Base64"));
}

}  // namespace
}  // namespace daybook::api
