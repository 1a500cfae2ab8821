#include "base/rfc3339.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

std::string Text(std::int64_t milliseconds) {
  std::string text = "> ";
  AppendRfc3339(text, Timestamp(milliseconds));
  return text;
}

TEST(Rfc3339, ATimestampIsShownInUtcWithItsMilliseconds) {
  EXPECT_EQ(Text(0), "> 1970-01-01T00:00:00.000Z");
  EXPECT_EQ(Text(1'136'214'245'678), "> 2006-01-02T15:04:05.678Z");
  EXPECT_EQ(Text(1'709'164'799'999), "> 2024-02-28T23:59:59.999Z");
  EXPECT_EQ(Text(1'709'164'800'000), "> 2024-02-29T00:00:00.000Z");
}

TEST(Rfc3339, ATimestampBefore1970IsShownToo) { EXPECT_EQ(Text(-1), "> 1969-12-31T23:59:59.999Z"); }

TEST(Rfc3339, AYearOfOtherThanFourDigitsIsShownAsItIs) {
  EXPECT_EQ(Text(-62'135'596'800'001), "> 0000-12-31T23:59:59.999Z");
  EXPECT_EQ(Text(253'402'300'799'999), "> 9999-12-31T23:59:59.999Z");
  EXPECT_EQ(Text(253'402'300'800'000), "> 10000-01-01T00:00:00.000Z");
}

TEST(Rfc3339, ATimestampIsReadInAnyZone) {
  constexpr std::pair<const char*, std::int64_t> kTimestamps[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2006-01-02T15:04:05.678Z", 1'136'214'245'678},
      {"2006-01-02t15:04:05.678z", 1'136'214'245'678},
      {"2006-01-02T16:34:05.678+01:30", 1'136'214'245'678},
      {"2006-01-02T08:04:05.678-07:00", 1'136'214'245'678},
      {"2024-02-29T00:00:00-00:00", 1'709'164'800'000},
      {"1969-12-31T23:59:59.999Z", -1},
      {"2016-12-31T23:59:60Z", 1'483'228'800'000}};
  for (const auto& [text, milliseconds] : kTimestamps) {
    const auto parsed = ParseRfc3339(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->milliseconds, milliseconds) << text;
  }
}

TEST(Rfc3339, APartOfAMillisecondIsTheNextOne) {
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00.5Z")->milliseconds, 500);
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00.12Z")->milliseconds, 120);
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00.123000Z")->milliseconds, 123);
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00.1230001Z")->milliseconds, 124);
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00.9999Z")->milliseconds, 1000);
}

TEST(Rfc3339, WhatIsNoTimestampIsNone) {
  for (const char* text : {"",
                           "now",
                           "1700000000",
                           "2006-01-02",
                           "2006-01-02T15:04Z",
                           "2006-01-02T15:04:05",
                           "2006-01-02 15:04:05Z",
                           "2006-1-2T15:04:05Z",
                           "2006-13-02T15:04:05Z",
                           "2006-02-29T15:04:05Z",
                           "2006-00-01T15:04:05Z",
                           "2006-01-00T15:04:05Z",
                           "2006-01-02T24:00:00Z",
                           "2006-01-02T15:60:00Z",
                           "2006-01-02T15:04:61Z",
                           "2006-01-02T15:04:05.Z",
                           "2006-01-02T15:04:05,5Z",
                           "2006-01-02T15:04:05+1",
                           "2006-01-02T15:04:05+0100",
                           "2006-01-02T15:04:05+24:00",
                           "2006-01-02T15:04:05Zx",
                           "+006-01-02T15:04:05Z",
                           "2006-01-02T15:04:05.-1Z"})
    EXPECT_FALSE(ParseRfc3339(text)) << text;
}

}  // namespace
}  // namespace daybook
