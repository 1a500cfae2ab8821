#include "access/token_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace daybook::access {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string LineOf(const std::string& terms, const std::string& token) {
  return terms + " " + TextOf(DigestOf(token)) + "\n";
}

TokenSet Parsed(const std::string& text) {
  Result<TokenSet> set = TokenSet::Parse(text);
  EXPECT_TRUE(set.ok()) << set.status().message();
  return std::move(set.ok() ? *set : *TokenSet::Parse(LineOf("none read -", "none")));
}

TEST(TokenSet, FindsEachOfItsTokensAndNoOther) {
  const TokenSet set = Parsed("# who\n\n" + LineOf("one read,append a*,b", "1") + "  \t\r\n" +
                              LineOf("\ttwo  admin\t* ", "2"));
  EXPECT_EQ(set.size(), 2U);
  ASSERT_NE(set.Find("1"), nullptr);
  EXPECT_EQ(set.Find("1")->terms().name, "one");
  EXPECT_TRUE(set.Find("1")->Has(Scope::kAppend));
  EXPECT_FALSE(set.Find("1")->Has(Scope::kAdmin));
  EXPECT_TRUE(set.Find("1")->IsForLog("b"));
  EXPECT_EQ(set.Find("2")->terms().name, "two");
  for (const std::string token : {"", "3", "12", "1 ", "sha256:", "one"})
    EXPECT_EQ(set.Find(token), nullptr) << token;
  EXPECT_EQ(set.Find(TextOf(DigestOf("1"))), nullptr);
}

TEST(TokenSet, AWrongLineIsNamedByItsNumberAndNotShown) {
  const std::string right = LineOf("right read *", "1");
  const std::string digest = TextOf(DigestOf("2"));
  for (const std::string& wrong :
       {std::string("x read *"), "read * " + digest, "x read * more " + digest,
        "x write * " + digest, "x read,read * " + digest, "x read, * " + digest, "x , * " + digest,
        "x/y read * " + digest, std::string(65, 'x') + " read * " + digest, "x read A " + digest,
        "x read a,,b " + digest, "x read " + std::string(129, 'a') + " " + digest,
        "x read * " + digest.substr(0, 70), "x read * " + digest + "0",
        "x read * sha256:" + std::string(64, 'G'), "x read * " + TextOf(DigestOf("1")),
        std::string("x read * \0", 10) + digest}) {
    const Result<TokenSet> set = TokenSet::Parse(right + wrong + "\n" + right);
    ASSERT_FALSE(set.ok()) << wrong;
    EXPECT_THAT(set.status().message(), HasSubstr("line 2: ")) << wrong;
    EXPECT_THAT(set.status().message(), Not(HasSubstr("sha256:" + digest.substr(7, 8))));
  }
}

TEST(TokenSet, WithoutATokenItIsNone) {
  for (const char* text : {"", "\n", "# nobody\n", " \t\n\r\n"}) {
    const Result<TokenSet> set = TokenSet::Parse(text);
    ASSERT_FALSE(set.ok());
    EXPECT_THAT(set.status().message(), HasSubstr("no token"));
  }
}

TEST(TokenSet, CutAnywhereItHasNoTokenThatTheWholeHasNotAndNoOtherTerms) {
  const std::string text = LineOf("one read a", "1") + LineOf("two admin,append b*", "2");
  const TokenSet whole = Parsed(text);
  for (std::size_t bytes = 0; bytes <= text.size(); ++bytes) {
    const Result<TokenSet> cut = TokenSet::Parse(text.substr(0, bytes));
    if (!cut.ok()) continue;
    for (const char* token : {"1", "2"}) {
      const auto grant = cut->Find(token);
      if (grant != nullptr) {
        EXPECT_EQ(grant->terms(), whole.Find(token)->terms()) << bytes;
      }
    }
  }
  EXPECT_FALSE(TokenSet::Parse(text.substr(0, text.size() - 2)).ok());
}

TEST(TokenSet, HasAsManyTokensAsItMayAndNotOneMore) {
  std::string text;
  for (std::size_t i = 0; i < kTokensMax; ++i) text += LineOf("x read *", std::to_string(i));
  EXPECT_EQ(Parsed(text).size(), kTokensMax);
  EXPECT_FALSE(TokenSet::Parse(text + LineOf("x read *", "one more")).ok());
}

TEST(TokenSet, TakesOverWhatIsUnchangedAndTellsTheRest) {
  const std::string kept = LineOf("kept read a", "1");
  const TokenSet before = Parsed(kept + LineOf("gone read a", "2") + LineOf("less read a,b", "3"));
  const auto gone = before.Find("2");
  const auto less = before.Find("3");
  TokenSet after = Parsed(LineOf("new read a", "4") + kept + LineOf("less read a", "3"));
  EXPECT_THAT(after.TakeOver(before), testing::UnorderedElementsAre(gone, less));
  EXPECT_EQ(after.Find("1"), before.Find("1"));
  EXPECT_FALSE(after.Find("1")->revoked());
  EXPECT_FALSE(after.Find("3")->revoked());
  EXPECT_FALSE(after.Find("3")->IsForLog("b"));
  EXPECT_NE(after.Find("4"), nullptr);
}

}  // namespace
}  // namespace daybook::access
