#include "api/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

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

TEST(ContentCoding, WhatIsZippedComesBack) {
  for (const std::string& text : {std::string(), std::string("a"), std::string(1 << 20, 'x')}) {
    const std::string zipped = Gzip(text);
    std::string back(text.size() + 1, '\0');
    z_stream stream{};
    ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string input = zipped;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(back.data());
    stream.avail_out = static_cast<uInt>(back.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    back.resize(stream.total_out);
    inflateEnd(&stream);
    EXPECT_EQ(back, text);
  }
}

}  // namespace
}  // namespace daybook::api
