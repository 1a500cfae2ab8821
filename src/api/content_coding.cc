#include "api/content_coding.h"

#define ZLIB_CONST
#include <zlib.h>

#include "base/ascii.h"
#include "base/check.h"

namespace daybook::api {
namespace {

// A weight of 0, in any of its forms: 0, 0., 0.0, 0.00, 0.000.
bool IsZeroWeight(std::string_view parameter) {
  std::string_view value = parameter;
  if (!EqualIgnoringCase(TakeUntil(value, '='), "q")) return false;
  value = Trim(value);
  return !value.empty() && value.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  bool by_wildcard = false;
  while (!accept_encoding.empty()) {
    std::string_view parameters = TakeUntil(accept_encoding, ',');
    const std::string_view coding = TakeUntil(parameters, ';');
    bool accepted = true;
    while (!parameters.empty()) accepted = accepted && !IsZeroWeight(TakeUntil(parameters, ';'));
    if (EqualIgnoringCase(coding, "gzip") || EqualIgnoringCase(coding, "x-gzip")) return accepted;
    if (coding == "*") by_wildcard = accepted;
  }
  return by_wildcard;
}

std::string Gzip(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16;  // the largest window; 16 more asks for gzip's framing
  constexpr int kMemoryLevel = 8;
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) == Z_OK,
        "zlib cannot be started");
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  CHECK(result == Z_STREAM_END, "zlib needs more room than it said");
  return out;
}

}  // namespace daybook::api
