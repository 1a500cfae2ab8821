#include "access/token.h"

#include <gtest/gtest.h>

namespace daybook::access {
namespace {

TEST(Token, IsNeverTheSameTwice) {
  const auto one = MakeToken();
  const auto other = MakeToken();
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_NE(*one, *other);
  EXPECT_EQ(one->size(), 68U);
  EXPECT_EQ(one->substr(0, 4), "dbk_");
  EXPECT_EQ(one->find_first_not_of("0123456789abcdef", 4), std::string::npos);
}

// FIPS 180-4's example of one block.
TEST(Token, ItsDigestIsSha256) {
  EXPECT_EQ(TextOf(DigestOf("abc")),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Token, ADigestIsReadAsItIsWritten) {
  const TokenDigest digest = DigestOf("abc");
  EXPECT_EQ(ParseDigest(TextOf(digest)), digest);
  const std::string text = TextOf(digest);
  for (const std::string& wrong :
       {text.substr(0, text.size() - 1), text + "0", text.substr(7), std::string("sha256:"),
        std::string(), "sha512:" + text.substr(7), text.substr(0, text.size() - 1) + "g",
        text.substr(0, text.size() - 1) + "D"}) {
    EXPECT_FALSE(ParseDigest(wrong).has_value()) << wrong;
  }
}

TEST(Token, IsNotShownWhereItDoesNotBelong) {
  const std::string token = *MakeToken();
  EXPECT_EQ(WithoutTokens("/?token=" + token + "&b=" + token.substr(0, 20)),
            "/?token=dbk_***&b=dbk_***");
  EXPECT_EQ(WithoutTokens("dbk%5F" + token.substr(4) + "/DBK%5f12"), "dbk_***/dbk_***");
  EXPECT_EQ(WithoutTokens("/v1/logs/dbk/dbk-1/db"), "/v1/logs/dbk/dbk-1/db");
}

}  // namespace
}  // namespace daybook::access
