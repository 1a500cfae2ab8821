#include "api/representation.h"

#include <optional>
#include <utility>

#include "api/content_coding.h"
#include "api/media_type.h"
#include "api/request_body.h"

namespace daybook::api {
namespace {

using http::Code;

// Below that a body is not worth zipping; above it is not made as a whole.
constexpr std::size_t kZippedBytesMin = 1 << 10;
constexpr std::uint64_t kWholeBytesMax = 64 << 10;

std::string_view ShortName(ValueEncoding encoding) {
  return encoding == ValueEncoding::kText   ? "-text"
         : encoding == ValueEncoding::kJson ? "-json"
                                            : "";
}

// Strong: it is of these very bytes. The encoding counts in JSON alone.
std::string EntityTag(const Wish& wish, std::string_view version, bool zipped) {
  std::string tag = "\"";
  tag.append(version).append("-").append(wish.media_type.substr(wish.media_type.find('/') + 1));
  if (wish.media_type != kBytesType) tag.append(ShortName(wish.encoding));
  return tag.append(zipped ? "-gzip\"" : "\"");
}

std::string Whole(http::BodySource& source) {
  std::string body;
  for (bool more = true; more;) {
    http::BodyPiece piece;
    more = source.Next(piece);
    if (body.empty()) {
      body = std::move(piece.text);
    } else {
      body.append(piece.text);
    }
    body.append(piece.view);
  }
  return body;
}

// Returns whether it is zipped.
bool PutBody(const Wish& wish, std::unique_ptr<PageBody> body, http::Response& response) {
  if (body->bytes_about() > kWholeBytesMax) {
    response.source = std::move(body);
    if (wish.gzip) response.source = std::make_unique<GzipSource>(std::move(response.source));
    return wish.gzip;
  }
  response.body = Whole(*body);
  if (!wish.gzip || response.body.size() < kZippedBytesMin) return false;
  std::string zipped = Gzip(response.body);
  if (zipped.size() >= response.body.size()) return false;
  response.body = std::move(zipped);
  return true;
}

}  // namespace

std::variant<Wish, Problem> WishOf(const http::Request& request,
                                   std::span<const std::string_view> offered,
                                   ValueEncoding encoding) {
  const std::optional<std::size_t> chosen = Negotiate(request.HeaderList("accept"), offered);
  if (chosen) {
    return Wish{offered[*chosen], encoding, AcceptsGzip(request.HeaderList("accept-encoding")),
                request.HeaderList("if-none-match"), false};
  }
  std::string there;
  for (const std::string_view type : offered) there.append(there.empty() ? "" : ", ").append(type);
  return Problem(Code::Not_Acceptable, "not-acceptable",
                 "nothing that Accept names can be sent; there is " + there);
}

http::Response AnswerOf(const Wish& wish, std::string fields, std::string_view version,
                        std::unique_ptr<PageBody> body) {
  http::Response response;
  response.fields = std::move(fields);
  response.AddField("Vary", "Accept, Accept-Encoding, Authorization");
  response.AddField("Cache-Control", version.empty()    ? "no-store"
                                     : wish.may_be_kept ? "private, max-age=60"
                                                        : "private, no-cache");
  if (!version.empty() && !wish.if_none_match.empty()) {
    // Which of the two it would be is known only when the body is made; either is right.
    for (const bool zipped : {false, true}) {
      const std::string tag = EntityTag(wish, version, zipped);
      if ((zipped && !wish.gzip) || !MatchesWeakly(wish.if_none_match, tag)) continue;
      response.code = Code::Not_Modified;
      response.AddField("ETag", tag);
      return response;
    }
  }
  const bool zipped = PutBody(wish, std::move(body), response);
  response.AddField("Content-Type", wish.media_type);
  if (zipped) response.AddField("Content-Encoding", "gzip");
  if (!version.empty()) response.AddField("ETag", EntityTag(wish, version, zipped));
  return response;
}

}  // namespace daybook::api
