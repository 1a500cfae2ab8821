#include "api/query.h"

#include <gtest/gtest.h>

namespace daybook::api {
namespace {

TEST(Query, ParametersAreDecodedOnceAndAPlusIsAPlus) {
  auto query = Query::Parse("a=1%2B+1&%62=%2525&c&d==");
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(query->Take("a"), "1++1");
  EXPECT_EQ(query->Take("b"), "%25");
  EXPECT_EQ(query->Take("c"), "");
  EXPECT_EQ(query->Take("d"), "=");
  EXPECT_EQ(query->Take("a"), std::nullopt);
  EXPECT_TRUE(query->Rest().ok());
}

TEST(Query, WhatRepeatsOrDoesNotDecodeIsNamed) {
  EXPECT_NE(Query::Parse("x=1&x=2").status().message().find("'x'"), std::string::npos);
  EXPECT_NE(Query::Parse("x=1&%78=2").status().message().find("'x'"), std::string::npos);
  for (const char* bad : {"y=%", "y=%zz", "y=%00"}) {
    EXPECT_NE(Query::Parse(bad).status().message().find("'y'"), std::string::npos) << bad;
  }
}

TEST(Query, WhatNobodyTookIsNamed) {
  auto query = Query::Parse("known=1&stranger=2");
  ASSERT_TRUE(query.ok());
  query->Take("known");
  EXPECT_NE(query->Rest().message().find("'stranger'"), std::string::npos);
  EXPECT_TRUE(Query::Parse(std::nullopt)->Rest().ok());
  EXPECT_TRUE(Query::Parse("")->Rest().ok());
}

}  // namespace
}  // namespace daybook::api
