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

}  // namespace
}  // namespace daybook
