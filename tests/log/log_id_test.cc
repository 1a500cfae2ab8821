#include "log/log_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace daybook::log {
namespace {

TEST(LogId, IsWrittenAndReadAlike) {
  const std::string text = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
  const auto id = LogId::Parse(text);
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->ToString(), text);
  EXPECT_EQ(id->bytes[0], 0x1B);
  EXPECT_EQ(id->bytes[15], 0x27);
}

TEST(LogId, AnythingElseIsNone) {
  for (const char* text :
       {"", "1b4e28ba-2fa1-41d2-883f-0016d3cca42", "1b4e28ba-2fa1-41d2-883f-0016d3cca4270",
        "1B4E28BA-2FA1-41D2-883F-0016D3CCA427", "1b4e28ba02fa1041d20883f00016d3cca427",
        "1b4e28ba-2fa1-41d2-883f-0016d3cca42g", "{b4e28ba-2fa1-41d2-883f-0016d3cca42}"}) {
    EXPECT_FALSE(LogId::Parse(text).has_value()) << text;
  }
}

TEST(LogId, RandomOnesAreOfVersion4AndDifferent) {
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = LogId::Random().ToString();
    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
    all.insert(text);
  }
  EXPECT_EQ(all.size(), 1000U);
}

}  // namespace
}  // namespace daybook::log
