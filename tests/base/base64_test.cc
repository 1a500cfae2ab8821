#include "base/base64.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>

namespace daybook {
namespace {

std::string Encode(std::string_view bytes) {
  std::string text = "before:";
  AppendBase64(text, bytes);
  return text.substr(7);
}

TEST(Base64, MatchesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(Encode(bytes), text);
    const auto decoded = Base64Decode(text);
    ASSERT_TRUE(decoded.ok()) << text;
    EXPECT_EQ(*decoded, bytes);
  }
}

TEST(Base64, AnyBytesComeBack) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    std::string bytes(random() % 5000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto decoded = Base64Decode(Encode(bytes));
    ASSERT_TRUE(decoded.ok());
    ASSERT_EQ(*decoded, bytes);
  }
}

TEST(Base64, LineEndsAreSkipped) { EXPECT_EQ(*Base64Decode("\r\nZm9v\nYm\r\nFy\n"), "foobar"); }

TEST(Base64, MoreThanOneCallOfOpenSslTakesComesBack) {
  for (const std::size_t size : {(3U << 20) - 1, 3U << 20, (3U << 20) + 1, (6U << 20) + 2}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 131 >> 7);
    const auto decoded = Base64Decode(Encode(bytes));
    ASSERT_TRUE(decoded.ok());
    EXPECT_TRUE(*decoded == bytes) << size;
  }
}

TEST(Base64, APlaceIsCountedWithTheLineEnds) {
  EXPECT_NE(Base64Decode("YWJj\r\nYW*j").status().message().find("at character 8"),
            std::string::npos);
}

TEST(Base64, WhatIsNotStrictIsRefusedWithItsPlace) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9vYg", "Zm9v Yg==", " Zm9v", "Zm9v-_",
        "Zg==Zg==", "Zh==", "Zm9=", "Zm9vYmF=", "Z=g=", "Zm\x80v"}) {
    const auto decoded = Base64Decode(text);
    ASSERT_FALSE(decoded.ok()) << text;
    EXPECT_NE(decoded.status().message().find("at character"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace daybook
