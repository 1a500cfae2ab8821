#include "api/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace daybook::api {
namespace {

TEST(ContentCoding, GzipIsAcceptedAsTheFieldSays) {
  for (const char* accepting : {"gzip", "GZIP", "deflate, gzip", "gzip;q=0.1", " gzip ; q=1.0 ,br",
                                "*", "br;q=1, *;q=0.1", "x-gzip", "gzip;q=0.001"}) {
    EXPECT_TRUE(AcceptsGzip(accepting)) << accepting;
  }
  for (const char* refusing : {"", "identity", "br", "gzip;q=0", "gzip; Q=0.000", "*;q=0",
                               "*, gzip;q=0", "gzipped", "g zip"}) {
    EXPECT_FALSE(AcceptsGzip(refusing)) << refusing;
  }
}

// None: it is not the whole of what was zipped, or something follows.
std::optional<std::string> Unzipped(std::string zipped) {
  std::string back(16 << 20, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(zipped.data());
  stream.avail_in = static_cast<uInt>(zipped.size());
  stream.next_out = reinterpret_cast<Bytef*>(back.data());
  stream.avail_out = static_cast<uInt>(back.size());
  const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
  back.resize(stream.total_out);
  inflateEnd(&stream);
  return whole ? std::optional(back) : std::nullopt;
}

TEST(ContentCoding, WhatIsZippedComesBack) {
  for (const std::string& text : {std::string(), std::string("a"), std::string(1 << 20, 'x')})
    EXPECT_EQ(Unzipped(Gzip(text)), text);
}

// Pieces of text and views in turn, and empty ones.
class Pieces : public http::BodySource {
 public:
  explicit Pieces(const std::vector<std::string>& pieces) : pieces_(pieces) {}
  bool Next(http::BodyPiece& piece) override {
    if (next_ < pieces_.size()) piece.text = pieces_[next_++];
    if (next_ < pieces_.size()) piece.view = pieces_[next_++];
    return next_ < pieces_.size();
  }
  std::size_t held_bytes() const override { return 7; }

 private:
  const std::vector<std::string>& pieces_;
  std::size_t next_ = 0;
};

TEST(ContentCoding, WhatIsZippedWhileItIsMadeComesBack) {
  std::mt19937 random(1);
  std::string noise(3 << 20, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  for (const std::vector<std::string>& pieces :
       {std::vector<std::string>{},
        {"", "", "", ""},
        {"a"},
        {"", "a", "", "b", "c"},
        {noise, std::string(8 << 20, 'x'), "", noise.substr(0, 100'000)}}) {
    GzipSource zipped(std::make_unique<Pieces>(pieces));
    EXPECT_GT(zipped.held_bytes(), 7U);
    EXPECT_FALSE(zipped.size());
    std::string sent;
    for (bool more = true; more;) {
      http::BodyPiece piece;
      more = zipped.Next(piece);
      EXPECT_LE(piece.text.size(), 64U << 10);
      sent += piece.text;
    }
    std::string text;
    for (const std::string& piece : pieces) text += piece;
    EXPECT_TRUE(Unzipped(sent) == text);
  }
}

}  // namespace
}  // namespace daybook::api
