#include "base/sha256.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "base/base64.h"

namespace daybook {
namespace {

std::string DigestText(std::string_view bytes) {
  const Sha256Digest digest = Sha256(bytes);
  std::string text;
  AppendBase64(text, {reinterpret_cast<const char*>(digest.data()), digest.size()});
  return text;
}

// The messages of FIPS 180-4's examples, and none at all.
TEST(Sha256, IsThatOfTheStandardHoweverOftenAndOnWhicheverThread) {
  const auto look = [] {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(DigestText(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
      EXPECT_EQ(DigestText("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
      EXPECT_EQ(DigestText("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE=");
    }
  };
  look();
  std::thread(look).join();
}

}  // namespace
}  // namespace daybook
