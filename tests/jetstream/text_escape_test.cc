#include "jetstream/text_escape.h"

#include <gtest/gtest.h>

#include <string>

namespace daybook::jetstream {
namespace {

TEST(TextEscape, WhatIsPlainStaysAsItIs) {
  EXPECT_EQ(EscapeText("aZ09-_"), "aZ09-_");
  EXPECT_EQ(EscapeText("a.b"), "a%2Eb");
  EXPECT_EQ(EscapeText("a.b/c", "./"), "a.b/c");
}

TEST(TextEscape, NothingHasAMeaningForNatsOrAHeader) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = EscapeText(std::string(1, static_cast<char>(byte)));
    EXPECT_EQ(text.find_first_of(" .*>\t\r\n:/\\"), std::string::npos) << byte;
    for (const char c : text) EXPECT_TRUE(c > ' ' && c < '\x7F') << byte;
  }
}

TEST(TextEscape, AnyBytesComeBack) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every.push_back(static_cast<char>(byte));
  EXPECT_EQ(UnescapeText(EscapeText(every)), every);
  EXPECT_EQ(UnescapeText(EscapeText(every, ".:/")), every);
  EXPECT_EQ(UnescapeText(""), "");
}

TEST(TextEscape, WhatIsNoEscapeIsRefused) {
  for (const char* text : {"%", "%2", "a%2", "%2e", "%G0", "%0G", "%%41"})
    EXPECT_FALSE(UnescapeText(text)) << text;
}

}  // namespace
}  // namespace daybook::jetstream
