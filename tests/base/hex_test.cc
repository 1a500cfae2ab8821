#include "base/hex.h"

#include <gtest/gtest.h>

#include <string>

namespace daybook {
namespace {

TEST(Hex, EachByteIsReadAsItIsWritten) {
  for (const std::string_view digits : {kHexDigits, kUpperHexDigits}) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text;
      AppendHex(text, static_cast<unsigned char>(byte), digits);
      EXPECT_EQ(text.size(), 2U);
      EXPECT_EQ(HexByte(text + "rest", digits), byte);
    }
  }
}

TEST(Hex, WhatIsNoByteIsNone) {
  for (const std::string_view text : {"", "0", "g0", "0g", " 0", "A0", "0x"})
    EXPECT_FALSE(HexByte(text).has_value()) << text;
  EXPECT_FALSE(HexByte("a0", kUpperHexDigits).has_value());
}

}  // namespace
}  // namespace daybook
