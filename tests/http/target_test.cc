#include "http/target.h"

#include <gtest/gtest.h>

namespace daybook::http {
namespace {

TEST(PercentDecode, IsUndoneOnce) {
  EXPECT_EQ(PercentDecode("a%20b%2fc%2525+"), "a b/c%25+");
  EXPECT_EQ(PercentDecode(""), "");
}

TEST(PercentDecode, RefusesWhatIsNoEscapeAndNul) {
  for (const char* text : {"%", "%4", "%4g", "%zz", "a%", "%00", "a%00b", "% 1", "%+1"}) {
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
  }
}

TEST(PercentEncoded, WhatMayMeanSomethingIsEncodedAndNothingElse) {
  EXPECT_EQ(PercentEncoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(PercentEncoded("a b/c%&=+\xC3\xA9"), "a%20b%2Fc%25%26%3D%2B%C3%A9");
}

}  // namespace
}  // namespace daybook::http
