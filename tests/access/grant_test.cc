#include "access/grant.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace daybook::access {
namespace {

Grant::Terms ReaderOf(std::vector<std::string> logs) {
  return {"reader", {true, false, false, false}, std::move(logs)};
}

TEST(Matches, AStarStandsForAnythingAndNothing) {
  for (const auto& [pattern, name] :
       {std::pair("*", ""), std::pair("*", "a"), std::pair("a*", "a"), std::pair("a*", "a.b-c"),
        std::pair("*b", "ab"), std::pair("a*c", "abc"), std::pair("a*c", "accc"),
        std::pair("*a*b*", "xxaxxbxx"), std::pair("a**", "a"), std::pair("abc", "abc")}) {
    EXPECT_TRUE(Matches(pattern, name)) << pattern << " " << name;
  }
}

TEST(Matches, ThePatternIsForTheWholeName) {
  for (const auto& [pattern, name] :
       {std::pair("a", "ab"), std::pair("a", ""), std::pair("b", "ab"), std::pair("a*", "ba"),
        std::pair("*b", "ba"), std::pair("a*c", "ab"), std::pair("a*bc", "abcd"),
        std::pair("", "a"), std::pair("-", "default")}) {
    EXPECT_FALSE(Matches(pattern, name)) << pattern << " " << name;
  }
}

TEST(Matches, ManyStarsTakeNoTimeThatGrowsWithTheirNumber) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "*a";
  EXPECT_FALSE(Matches(pattern + "b", std::string(128, 'a')));
}

TEST(Grant, IsForTheScopesAndLogsOfItsTermsAlone) {
  const Grant grant(ReaderOf({"audit-*", "default"}));
  EXPECT_TRUE(grant.Has(Scope::kRead));
  EXPECT_FALSE(grant.Has(Scope::kAppend));
  EXPECT_FALSE(grant.Has(Scope::kAdmin));
  EXPECT_TRUE(grant.IsForLog("audit-1"));
  EXPECT_TRUE(grant.IsForLog("default"));
  EXPECT_FALSE(grant.IsForLog("default2"));
  EXPECT_FALSE(grant.IsForLog("x-audit-1"));
}

TEST(RevocationWatch, IsToldWhenAndIfTheGrantIsRevoked) {
  const auto grant = std::make_shared<const Grant>(ReaderOf({"*"}));
  int told = 0;
  int told_of_gone = 0;
  const RevocationWatch watch(grant, [&] { ++told; });
  std::optional<RevocationWatch> gone;
  gone.emplace(grant, [&] { ++told_of_gone; });
  gone.reset();
  EXPECT_FALSE(watch.revoked());
  EXPECT_EQ(told, 0);
  grant->Revoke();
  EXPECT_TRUE(watch.revoked());
  EXPECT_EQ(told, 1);
  EXPECT_EQ(told_of_gone, 0);
}

TEST(RevocationWatch, OfAGrantThatIsRevokedAlreadyIsToldAtOnce) {
  const auto grant = std::make_shared<const Grant>(ReaderOf({"*"}));
  grant->Revoke();
  int told = 0;
  const RevocationWatch watch(grant, [&] { ++told; });
  EXPECT_EQ(told, 1);
}

TEST(RevocationWatch, OfNoGrantIsNeverRevoked) {
  const RevocationWatch watch(nullptr, [] {});
  EXPECT_FALSE(watch.revoked());
}

}  // namespace
}  // namespace daybook::access
