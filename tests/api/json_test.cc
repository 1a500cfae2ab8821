#include "api/json.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/json_text.h"

namespace daybook::api {
namespace {

// Writes down what it is told.
class Recorder : public JsonVisitor {
 public:
  std::string Null() override { return Add("null"); }
  std::string Bool(bool value) override { return Add(value ? "true" : "false"); }
  std::string Number(std::string_view text) override { return Add("#" + std::string(text)); }
  std::string String(std::string_view value) override {
    return Add("'" + std::string(value) + "'");
  }
  std::string StartObject() override { return Add("{"); }
  std::string Key(std::string_view name) override { return Add(std::string(name) + ":"); }
  std::string EndObject() override { return Add("}"); }
  std::string StartArray() override { return Add("["); }
  std::string EndArray() override { return Add("]"); }
  std::string told;

 private:
  std::string Add(const std::string& text) {
    told += text;
    return {};
  }
};

TEST(Json, TellsEachElementWithNumbersAsTheyWereWritten) {
  Recorder recorder;
  std::string text =
      " {\"a\":[1,-0.50,1e300,12345678901234567890123],\n\"\\u0062\":{\"c\":null,\"d\":true},\"e\":"
      "\"\\ud83d\\ude00\\n\"} ";
  ASSERT_TRUE(ParseJson(text, recorder).ok());
  EXPECT_EQ(recorder.told,
            "{a:[#1#-0.50#1e300#12345678901234567890123]b:{c:nulld:true}e:'\xF0\x9F\x98\x80\n'}");
}

TEST(Json, NumbersThatNoDoubleHoldsAreToldAsTheyWereWritten) {
  const std::string numbers[] = {"1e400",
                                 "-1E+400",
                                 "1e-400",
                                 "1.5e99999999999999999999",
                                 "123456789012345678901234567890.125e-3",
                                 std::string(400, '9'),
                                 "-" + std::string(400, '9') + "." + std::string(400, '1'),
                                 "0e0"};
  for (const std::string& number : numbers) {
    Recorder recorder;
    std::string text = "[\"1e500\\\"\"," + number + ",{\"a\":" + number + "} , 7]";
    const Status status = ParseJson(text, recorder);
    ASSERT_TRUE(status.ok()) << number << ": " << status.message();
    EXPECT_EQ(recorder.told, "['1e500\"'#" + number + "{a:#" + number + "}#7]");
  }
}

// Notes where each element ends.
class Ends : public Recorder {
 public:
  std::string String(std::string_view) override { return Add(); }
  std::string Number(std::string_view) override { return Add(); }
  std::string Key(std::string_view) override { return Add(); }
  std::string StartObject() override { return Add(); }
  std::string EndObject() override { return Add(); }
  std::string StartArray() override { return Add(); }
  std::string EndArray() override { return Add(); }
  std::vector<std::size_t> positions;

 private:
  std::string Add() {
    positions.push_back(position());
    return {};
  }
};

TEST(Json, TellsWhereEachElementEnds) {
  std::string text = R"( {"\u0061" : [1e400 ,"\n"] } )";
  Ends ends;
  ASSERT_TRUE(ParseJson(text, ends).ok());
  EXPECT_EQ(ends.positions, (std::vector<std::size_t>{2, 10, 14, 19, 25, 26, 28}));
}

TEST(Json, WhatIsNotStrictIsRefusedWithItsPlace) {
  const std::string deep(65, '[');
  const std::string bad[] = {"",
                             " ",
                             "{",
                             "}",
                             "[",
                             "[1,]",
                             "{\"a\":1,}",
                             "{a:1}",
                             "{'a':1}",
                             "{\"a\"}",
                             "{\"a\":}",
                             "nul",
                             "tru",
                             "True",
                             "NaN",
                             "Infinity",
                             "-",
                             "01",
                             "1.",
                             ".5",
                             "+1",
                             "1e",
                             "1e+",
                             "1.e400",
                             "01e400",
                             "-e400",
                             "1e400x",
                             "1e400.5",
                             "[1e400 1]",
                             "1e400 \"",
                             "0x1",
                             "\"",
                             "\"\\x\"",
                             "\"\\u12\"",
                             "\"a\nb\"",
                             "\"\t\"",
                             "1 2",
                             "{} {}",
                             "{}x",
                             "[] //",
                             "/* */ {}",
                             "\xEF\xBB\xBF{}",
                             "\"\x80\"",
                             "\"\xC0\x80\"",
                             "\"\xED\xA0\x80\"",
                             "\"\xF5\x80\x80\x80\"",
                             "\"\xE2\x82\"",
                             "\"\xF1",
                             "\"\\ud800\"",
                             "\"\\udc00\"",
                             "\"\\ud800\\ud800\"",
                             "\"\\udc00\\ud800\"",
                             "{\"\\udc00\":1}",
                             "{\"a\":1,\"a\":2}",
                             "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
                             "{\"a\":1,\"\\u0061\":2}",
                             "[{\"a\":1,\"a\":1}]",
                             deep + std::string(65, ']'),
                             std::string("{}\0", 3),
                             std::string("{}\0x", 4),
                             std::string("\0{}", 3),
                             std::string("{\"a\0\":1}", 8)};
  for (const std::string& input : bad) {
    Recorder recorder;
    std::string text = input;
    const Status status = ParseJson(text, recorder);
    ASSERT_FALSE(status.ok()) << input;
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find("(at byte "), std::string::npos)
        << input << ": " << status.message();
  }
}

TEST(Json, SixtyFourLevelsAreTaken) {
  Recorder recorder;
  std::string text = std::string(64, '[') + std::string(64, ']');
  EXPECT_TRUE(ParseJson(text, recorder).ok());
}

TEST(Json, TheSameNameInDifferentObjectsIsNoDuplicate) {
  Recorder recorder;
  std::string text = R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})";
  EXPECT_TRUE(ParseJson(text, recorder).ok());
}

TEST(Json, ManyMembersTakeNoQuadraticTime) {
  std::string text = "{";
  for (int i = 0; i < 300'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  text += "\"last\":0}";
  Recorder recorder;
  EXPECT_TRUE(ParseJson(text, recorder).ok());
}

TEST(Json, StringsAreWrittenSoThatTheyParseToTheSame) {
  for (const std::string& original :
       {std::string("a\"\\\n\x01 \xC3\xBC"), std::string("\0", 1), std::string()}) {
    std::string text;
    AppendJsonString(text, original);
    Recorder recorder;
    ASSERT_TRUE(ParseJson(text, recorder).ok()) << text;
    EXPECT_EQ(recorder.told, "'" + original + "'");
  }
  std::string replaced;
  AppendJsonString(replaced, "a\x80");
  EXPECT_EQ(replaced, "\"a\xEF\xBF\xBD\"");
}

TEST(Json, MoreMembersThanAreRememberedAreRefused) {
  std::string text = "{";
  for (std::size_t i = 0; i <= kJsonOpenMembersMax; ++i) text += "\"\":0,";
  text += "\"\":0}";
  Recorder recorder;
  EXPECT_NE(ParseJson(text, recorder).message().find("members"), std::string::npos);
}

TEST(Json, ALongNameIsNotSentBackWhole) {
  const std::string name(100'000, 'n');
  std::string text = "{\"" + name + "\":1,\"" + name + "\":2}";
  Recorder recorder;
  EXPECT_LT(ParseJson(text, recorder).message().size(), 300U);
}

}  // namespace
}  // namespace daybook::api
