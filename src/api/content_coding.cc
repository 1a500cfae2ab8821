#include "api/content_coding.h"

#define ZLIB_CONST
#include <zlib.h>

#include <utility>

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

void Start(z_stream& stream) {
  constexpr int kGzipWindow = 15 + 16;  // the largest window; 16 more asks for gzip's framing
  constexpr int kMemoryLevel = 8;
  CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) == Z_OK,
        "zlib cannot be started");
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
  z_stream stream{};
  Start(stream);
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

struct GzipSource::Stream {
  Stream() { Start(zlib); }
  ~Stream() { deflateEnd(&zlib); }
  Stream(const Stream&) = delete;

  z_stream zlib{};
};

GzipSource::GzipSource(std::unique_ptr<http::BodySource> source)
    : source_(std::move(source)), stream_(std::make_unique<Stream>()) {}

GzipSource::~GzipSource() = default;

// Once a call, so that what zips well does not keep the caller.
bool GzipSource::Next(http::BodyPiece& piece) {
  constexpr std::size_t kPieceBytes = 64 << 10;
  z_stream& zlib = stream_->zlib;
  if (zlib.avail_in == 0) GiveInput();
  piece.text.resize(kPieceBytes);
  zlib.next_out = reinterpret_cast<Bytef*>(piece.text.data());
  zlib.avail_out = static_cast<uInt>(piece.text.size());
  const bool last = !more_ && text_given_ && view_given_;
  const int result = deflate(&zlib, last ? Z_FINISH : Z_NO_FLUSH);
  CHECK(result != Z_STREAM_ERROR, "zlib has lost its state");
  piece.text.resize(piece.text.size() - zlib.avail_out);
  return result != Z_STREAM_END;
}

void GzipSource::GiveInput() {
  if (text_given_ && view_given_ && more_) {
    input_ = {};
    more_ = source_->Next(input_);
    text_given_ = view_given_ = false;
  }
  std::string_view given;
  if (!std::exchange(text_given_, true)) given = input_.text;
  if (given.empty() && !std::exchange(view_given_, true)) given = input_.view;
  stream_->zlib.next_in = reinterpret_cast<const Bytef*>(given.data());
  stream_->zlib.avail_in = static_cast<uInt>(given.size());
}

std::size_t GzipSource::held_bytes() const {
  constexpr std::size_t kStreamBytes = 256 << 10;  // as zconf.h counts it
  return source_->held_bytes() + kStreamBytes;
}

}  // namespace daybook::api
