#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace daybook {
namespace {

TEST(Utf8, CharactersOfEveryLengthAreTaken) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80"));
}

TEST(Utf8, OverlongFormsSurrogatesAndWhatIsCutOffAreRefused) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC3", "\xE2\x82", "\xED\xA0\x80",
                           "\xF5\x80\x80\x80", "\xF0\x9F\x98", "\xE0\x80\x80", "a\xFF"})
    EXPECT_FALSE(IsUtf8(text)) << text;
}

TEST(Utf8, AWrongByteIsFoundWhereverItStands) {
  for (std::size_t bytes = 1; bytes < 100; ++bytes) {
    EXPECT_TRUE(IsUtf8(std::string(bytes, '\x7F')));
    for (std::size_t at = 0; at < bytes; ++at) {
      std::string text(bytes, 'x');
      text[at] = '\x80';
      EXPECT_FALSE(IsUtf8(text)) << at << " of " << bytes;
    }
  }
}

TEST(Utf8, ControlCharactersAreThoseBelowASpaceDeleteAndC1) {
  for (const char* text : {"a\n", "\x1F", "\x7F", "\xC2\x80", "\xC3\xBC\xC2\x9F"})
    EXPECT_TRUE(HasControlCharacter(text)) << text;
  EXPECT_FALSE(HasControlCharacter(" a\xC2\xA0\xC3\xBC\xF0\x9F\x98\x80"));
}

}  // namespace
}  // namespace daybook
