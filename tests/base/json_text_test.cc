#include "base/json_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook {
namespace {

TEST(JsonText, ControlCharactersAreEscapedAndNothingElse) {
  std::string out;
  AppendJsonString(out, "a\x1B[1m\n\x7F\xC2\x9B \xC2\xA0\xC3\xBC\"\\");
  EXPECT_EQ(out, "\"a\\u001b[1m\\u000a\\u007f\\u009b \xC2\xA0\xC3\xBC\\\"\\\\\"");
}

TEST(JsonText, WhatIsEscapedIsFoundWhereverItStands) {
  constexpr std::pair<char, const char*> kEscaped[] = {{'"', "\\\""},
                                                       {'\\', "\\\\"},
                                                       {'\x1F', "\\u001f"},
                                                       {'\x7F', "\\u007f"},
                                                       {'\xFF', "\xEF\xBF\xBD"}};
  for (const auto& [byte, escaped] : kEscaped) {
    for (std::size_t at = 0; at < 100; ++at) {
      const std::string before(at, '~');
      const std::string behind(99 - at, ' ');
      std::string out;
      AppendJsonString(out, before + byte + behind);
      EXPECT_EQ(out, '"' + before + escaped + behind + '"');
    }
  }
}

TEST(JsonText, ACharacterCutOffAtTheEndIsReplacedAndTheOthersStay) {
  // On the heap and without spare room, so that reading on is seen by the sanitizer.
  for (const std::string_view tail : {"\xF0", "\xE2\x82", "\xED\xA0", "\xF0\x9F\x98"}) {
    const std::string before(64, 'x');
    const std::string whole = before + "\xC3\xBC" + std::string(tail);
    const std::vector<char> bytes(whole.begin(), whole.end());
    std::string out;
    AppendJsonString(out, {bytes.data(), bytes.size()});
    EXPECT_EQ(out.substr(0, 67), "\"" + before + "\xC3\xBC");
    EXPECT_NE(out.find("\xEF\xBF\xBD"), std::string::npos);
  }
}

}  // namespace
}  // namespace daybook
