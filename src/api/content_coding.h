// Content-Encoding: gzip for answers that are worth it (RFC 9110 section 8.4, RFC 1952).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/body_source.h"

namespace daybook::api {

// What an Accept-Encoding, all its fields joined, says of gzip (RFC 9110 section 12.5.3).
bool AcceptsGzip(std::string_view accept_encoding);

std::string Gzip(std::string_view bytes);

// Zips a body while it is made.
class GzipSource : public http::BodySource {
 public:
  explicit GzipSource(std::unique_ptr<http::BodySource> source);
  ~GzipSource() override;

  bool Next(http::BodyPiece& piece) override;
  std::size_t held_bytes() const override;

 private:
  struct Stream;

  void GiveInput();

  const std::unique_ptr<http::BodySource> source_;
  const std::unique_ptr<Stream> stream_;
  http::BodyPiece input_;
  bool text_given_ = true;  // of the input, and its view
  bool view_given_ = true;
  bool more_ = true;  // of the source
};

}  // namespace daybook::api
