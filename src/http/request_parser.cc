#include "http/request_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "http/target.h"

// Refused here, beyond what Beast refuses: a Transfer-Encoding that is not exactly `chunked`, or
// that comes with HTTP/1.0; a second Content-Length, or a list of them; no Host in HTTP/1.1, or
// two, or one with bytes that no host has; folded lines; a bare LF; a space before the first field;
// a target with bytes that should have been encoded. Blank lines before a request, which Beast
// refuses, are skipped (RFC 9112 section 2.2).

namespace daybook::http {
namespace {

namespace beast = boost::beast::http;

constexpr std::size_t kBlankLinesMax = 16;
// Method, two spaces and version beside the target.
constexpr std::size_t kRequestLineOverheadBytes = 64;
// Bodies up to this are not counted in the BodyBudget; they are bounded by the number of
// connections.
constexpr std::size_t kUncountedBodyBytes = 4 << 10;
// A refused body of no more is not worth its connection.
constexpr std::uint64_t kDiscardedBodyBytesMax = 64 << 10;

class DiscardedBody : public BodySink {
 public:
  explicit DiscardedBody(Response refusal) : refusal_(std::move(refusal)) {}

  std::optional<Response> Append(std::string_view) override { return std::nullopt; }
  void Finish(Request&, Responder responder) override {
    std::move(responder).Send(std::move(refusal_));
  }

 private:
  Response refusal_;
};

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Tells a method from noise (TLS, say) before a whole header has come.
bool MayBeginWithMethod(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 32);
  return std::all_of(
      start.begin(),
      start.begin() + static_cast<std::ptrdiff_t>(std::min(start.find(' '), start.size())),
      IsTokenCharacter);
}

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "METHOD target HTTP/d.d", whatever the digits.
bool NamesAVersion(std::string_view request_line) {
  constexpr std::string_view kVersion = " HTTP/1.1";
  if (std::count(request_line.begin(), request_line.end(), ' ') != 2) return false;
  if (request_line.size() < kVersion.size()) return false;
  const std::string_view version = request_line.substr(request_line.size() - kVersion.size());
  return version.substr(0, 6) == kVersion.substr(0, 6) && IsDigits(version.substr(6, 1)) &&
         version[7] == '.' && IsDigits(version.substr(8));
}

// RFC 3986 section 3.2.2 and 3.2.3, as far as it keeps a Host from meaning two things.
bool IsHost(std::string_view value) {
  constexpr std::string_view kNever = " \t\"/\\<>?#@{}|^`,";
  return std::none_of(value.begin(), value.end(), [&](char c) {
    return c <= ' ' || c >= 0x7F || kNever.find(c) != std::string_view::npos;
  });
}

}  // namespace

// Receives what Beast recognises. A callback that refuses leaves the reason in the owner's error_
// and stops Beast with an error code of no further meaning. One instance parses one request; Next()
// makes a new one in its place.
class RequestParser::Beast : public beast::basic_parser<true> {
 public:
  explicit Beast(RequestParser& owner) : owner_(owner) {
    eager(false);
    header_limit(static_cast<std::uint32_t>(-1));           // the owner bounds what it gives
    body_limit(std::numeric_limits<std::uint64_t>::max());  // and what it takes
  }

 private:
  using ErrorCode = boost::beast::error_code;
  using String = boost::beast::string_view;

  void Refuse(ErrorCode& code, Error error) {
    owner_.error_ = std::move(error);
    code = beast::error::bad_value;
  }
  void RefuseMalformed(ErrorCode& code, std::string detail) {
    Refuse(code, Error{Code::Bad_Request, "malformed-request", std::move(detail)});
  }

  void on_request_impl(beast::verb, String method, String target, int version,
                       ErrorCode& code) override;
  void on_field_impl(beast::field name, String name_text, String value, ErrorCode& code) override;
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(String bytes, ErrorCode& code) override {
    if (!owner_.AddBody(View(bytes))) code = beast::error::body_limit;
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t size, String, ErrorCode& code) override;
  std::size_t on_chunk_body_impl(std::uint64_t, String bytes, ErrorCode& code) override {
    owner_.chunk_left_ -= bytes.size();
    return on_body_impl(bytes, code);
  }
  void on_finish_impl(ErrorCode&) override {}
  void on_response_impl(int, String, int, ErrorCode&) override {}

  RequestParser& owner_;
};

void RequestParser::Beast::on_request_impl(beast::verb, String method, String target, int version,
                                           ErrorCode& code) {
  Request& request = owner_.request_;
  if (target.size() > owner_.limits_.target_bytes_max) {
    return Refuse(
        code, Error{Code::RequestURI_Too_Long, "target-too-long",
                    "the request target has " + std::to_string(target.size()) + " bytes; at most " +
                        std::to_string(owner_.limits_.target_bytes_max) + " are taken"});
  }
  const std::optional<Method> known = MethodNamed(View(method));
  if (!known || *known == Method::Connect) {
    return Refuse(code, Error{Code::Not_Implemented, "method-not-implemented",
                              "the method " + std::string(View(method)) + " is not implemented"});
  }
  request.method_ = *known;
  request.method_known_ = true;
  request.version_minor_ = version - 10;
  std::string normalized(View(target));
  if (std::optional<Error> error = NormalizeTarget(*known, normalized))
    return Refuse(code, std::move(*error));
  request.SetTarget(std::move(normalized));
}

void RequestParser::Beast::on_field_impl(beast::field name, String name_text, String value,
                                         ErrorCode& code) {
  if (owner_.phase_ == Phase::kBody) return;  // trailers have no meaning here
  switch (name) {
    case beast::field::host:
      ++owner_.host_fields_;
      if (!IsHost(View(value))) return RefuseMalformed(code, "the Host field is not a host");
      break;
    case beast::field::content_length:
      if (++owner_.length_fields_ > 1)
        return RefuseMalformed(code, "there is more than one Content-Length");
      if (!IsDigits(View(value)))
        return RefuseMalformed(code, "Content-Length is not a decimal number");
      break;
    case beast::field::transfer_encoding:
      if (owner_.request_.version_minor_ == 0) {
        return RefuseMalformed(code, "HTTP/1.0 has no Transfer-Encoding");
      }
      if (!EqualIgnoringCase(View(value), "chunked")) {
        return Refuse(code, Error{Code::Not_Implemented, "transfer-coding-not-implemented",
                                  "the only transfer coding that is taken is chunked"});
      }
      break;
    case beast::field::expect:
      if (!EqualIgnoringCase(View(value), "100-continue")) {
        return Refuse(code, Error{Code::Expectation_Failed, "expectation-failed",
                                  "the only expectation that is met is 100-continue"});
      }
      owner_.expects_continue_ = true;
      break;
    default:
      break;
  }
  owner_.request_.AddField(View(name_text), View(value));
}

void RequestParser::Beast::on_chunk_header_impl(std::uint64_t size, String, ErrorCode& code) {
  owner_.first_chunk_ = false;
  owner_.chunk_left_ = size;
  if (size > owner_.limits_.body_bytes_max - owner_.body_bytes()) {
    Refuse(code, Error{Code::Request_Entity_Too_Large, "body-too-large",
                       "the body has more than " + std::to_string(owner_.limits_.body_bytes_max) +
                           " bytes"});
  }
}

RequestParser::RequestParser(const Limits& limits, BodyBudget& budget, Begin begin)
    : limits_(limits),
      begin_(std::move(begin)),
      beast_(std::make_unique<Beast>(*this)),
      held_(budget) {}

RequestParser::~RequestParser() = default;

void RequestParser::Next() {
  std::destroy_at(beast_.get());
  std::construct_at(beast_.get(), *this);
  request_.Clear();
  held_.Clear();
  phase_ = Phase::kBetween;
  complete_ = false;
  blank_lines_ = 0;
  scanned_bytes_ = 0;
  first_line_done_ = false;
  host_fields_ = 0;
  length_fields_ = 0;
  chunk_left_ = 0;
  first_chunk_ = true;
  expects_continue_ = false;
  body_bytes_ = 0;
  refusal_.reset();
  sink_.reset();
}

RequestParser::Outcome RequestParser::Fail(Error error) {
  error_ = std::move(error);
  return Outcome::kError;
}

RequestParser::Outcome RequestParser::Malformed(std::string detail) {
  return Fail(Error{Code::Bad_Request, "malformed-request", std::move(detail)});
}

RequestParser::Outcome RequestParser::Parse(std::string_view bytes, std::size_t& consumed) {
  CHECK(!complete_, "Next() is due");
  if (phase_ == Phase::kBetween) {
    const std::size_t skipped = SkipBlankLines(bytes);
    consumed += skipped;
    bytes.remove_prefix(skipped);
    if (blank_lines_ > kBlankLinesMax) return Malformed("blank lines, but no request");
    if (bytes.empty() || bytes == "\r") return Outcome::kNeedMore;
    phase_ = Phase::kHeader;
  }
  if (phase_ == Phase::kHeader) {
    std::size_t header_bytes = 0;
    if (const Outcome outcome = Gather(bytes, header_bytes); outcome != Outcome::kRequest)
      return outcome;
    const Outcome outcome = ParseHeader(bytes.substr(0, header_bytes));
    consumed += header_bytes;
    if (outcome != Outcome::kNeedMore) return outcome;
    bytes.remove_prefix(header_bytes);
    phase_ = Phase::kBody;
    if (BeginBody() == Outcome::kRefused) return Outcome::kRefused;
  }
  return ParseBody(bytes, consumed);
}

std::size_t RequestParser::SkipBlankLines(std::string_view bytes) {
  std::size_t skipped = 0;
  while (bytes.substr(skipped, 2) == "\r\n" && blank_lines_ <= kBlankLinesMax) {
    skipped += 2;
    ++blank_lines_;
  }
  return skipped;
}

// Looks for the end of the header section; kRequest when all of it is there. Looks at each byte
// once.
RequestParser::Outcome RequestParser::Gather(std::string_view bytes, std::size_t& header_bytes) {
  const std::string_view within = bytes.substr(0, limits_.header_bytes_max);
  const std::size_t line_bytes_max =
      std::min(limits_.target_bytes_max + kRequestLineOverheadBytes, limits_.header_bytes_max);
  if (!first_line_done_ && !MayBeginWithMethod(within)) {
    return Malformed("what was sent does not begin with an HTTP method");
  }
  std::size_t at = scanned_bytes_;
  for (; (at = within.find('\n', at)) != std::string_view::npos; ++at) {
    if (!first_line_done_ && at >= line_bytes_max) break;
    if (at == 0 || within[at - 1] != '\r')
      return Malformed("a line of the header ends with a bare LF");
    if (first_line_done_ && within[at - 2] == '\n') {
      header_bytes = at + 1;
      return Outcome::kRequest;
    }
    first_line_done_ = true;
    if (at + 1 == within.size()) break;  // what comes next decides; this LF is looked at again
    if (within[at + 1] == ' ' || within[at + 1] == '\t')
      return Malformed("a field is folded over two lines");
  }
  scanned_bytes_ = std::min(at, within.size());
  if (!first_line_done_ && within.size() >= line_bytes_max) {
    return Fail(Error{Code::RequestURI_Too_Long, "target-too-long",
                      "the request line is too long; a target has at most " +
                          std::to_string(limits_.target_bytes_max) + " bytes"});
  }
  if (bytes.size() >= limits_.header_bytes_max) {
    return Fail(
        Error{Code::Request_Header_Fields_Too_Large, "header-too-large",
              "the header has more than " + std::to_string(limits_.header_bytes_max) + " bytes"});
  }
  return Outcome::kNeedMore;
}

// kNeedMore: the header is good and a body follows.
RequestParser::Outcome RequestParser::ParseHeader(std::string_view header) {
  error_ = Error{Code::Ok, {}, {}};
  boost::beast::error_code code;
  const std::size_t used = beast_->put(boost::asio::buffer(header.data(), header.size()), code);
  if (code || used != header.size()) {
    if (error_.code != Code::Ok) return Outcome::kError;
    if (code == beast::error::bad_version && NamesAVersion(header.substr(0, header.find('\r')))) {
      return Fail(Error{Code::HTTP_Version_Not_Supported, "version-not-supported",
                        "HTTP/1.1 and HTTP/1.0 are served here"});
    }
    return Malformed("the header is malformed: " + code.message());
  }
  return CheckHeader();
}

RequestParser::Outcome RequestParser::CheckHeader() {
  if (host_fields_ > 1) return Malformed("there is more than one Host field");
  if (host_fields_ == 0 && request_.version_minor_ == 1)
    return Malformed("HTTP/1.1 asks for a Host field");
  const auto length = beast_->content_length();
  if (length && *length > limits_.body_bytes_max) {
    return Fail(Error{Code::Request_Entity_Too_Large, "body-too-large",
                      "the body has " + std::to_string(*length) + " bytes; at most " +
                          std::to_string(limits_.body_bytes_max) + " are taken"});
  }
  complete_ = beast_->is_done();
  return complete_ ? Outcome::kRequest : Outcome::kNeedMore;
}

RequestParser::Outcome RequestParser::ParseBody(std::string_view bytes, std::size_t& consumed) {
  while (!bytes.empty()) {
    std::size_t step_bytes = bytes.size();
    const bool framing = beast_->chunked() && chunk_left_ == 0;
    if (framing) {
      step_bytes = FramingBytes(bytes);
      if (step_bytes > limits_.header_bytes_max) {
        return Fail(Error{Code::Request_Header_Fields_Too_Large, "header-too-large",
                          "a chunk header or trailer has more than " +
                              std::to_string(limits_.header_bytes_max) + " bytes"});
      }
      if (step_bytes == 0) return Outcome::kNeedMore;
    }
    boost::beast::error_code code;
    const std::size_t used = beast_->put(boost::asio::buffer(bytes.data(), step_bytes), code);
    if (code && error_.code != Code::Ok) return Outcome::kError;
    if (code && refusal_) return Outcome::kRefused;
    if (code && !(code == beast::error::need_more && !framing)) {
      return Malformed("the chunked body is malformed: " + code.message());
    }
    consumed += used;
    bytes.remove_prefix(used);
    if (beast_->is_done()) {
      complete_ = true;
      return Outcome::kRequest;
    }
  }
  return Outcome::kNeedMore;
}

// How many of `bytes` are the next chunk header, or the last one with its trailers: Beast gets
// these in one piece and nothing behind them. 0 while they are not all there; more than a header
// may have when they are too long.
std::size_t RequestParser::FramingBytes(std::string_view bytes) const {
  const std::string_view within = bytes.substr(0, limits_.header_bytes_max);
  const std::size_t not_there = bytes.size() > within.size() ? bytes.size() : 0;
  // The CRLF behind a chunk's data counts to the header of the next.
  const std::size_t start = first_chunk_ ? 0 : 2;
  const std::size_t line_end = within.find('\n', start);
  if (line_end == std::string_view::npos) return not_there;
  const std::size_t size_end = within.find_first_not_of('0', start);
  const bool last = size_end > start && !IsHexDigit(within[size_end]);
  if (!last) return line_end + 1;
  const std::size_t end = within.find("\r\n\r\n", line_end - 1);
  return end == std::string_view::npos ? not_there : end + 4;
}

RequestParser::Outcome RequestParser::BeginBody() {
  std::optional<Upload> upload = begin_ ? begin_(request_) : std::nullopt;
  if (!upload) return Outcome::kNeedMore;
  if (auto* refusal = std::get_if<Response>(&*upload)) return Refuse(std::move(*refusal));
  sink_ = std::move(std::get<std::unique_ptr<BodySink>>(*upload));
  return Outcome::kNeedMore;
}

// kNeedMore: when the rest of the body has come.
RequestParser::Outcome RequestParser::Refuse(Response refusal) {
  const auto length = beast_->content_length();
  if (length && *length <= kDiscardedBodyBytesMax && !expects_continue_) {
    sink_ = std::make_unique<DiscardedBody>(std::move(refusal));
    return Outcome::kNeedMore;
  }
  sink_.reset();
  refusal_ = std::move(refusal);
  return Outcome::kRefused;
}

bool RequestParser::AddBody(std::string_view bytes) {
  if (sink_ == nullptr) {
    if (!KeepBody(bytes)) return false;
  } else if (std::optional<Response> refusal = sink_->Append(bytes)) {
    if (Refuse(std::move(*refusal)) == Outcome::kRefused) return false;
  }
  body_bytes_ += bytes.size();
  return true;
}

bool RequestParser::KeepBody(std::string_view bytes) {
  std::string& body = request_.body_;
  const std::size_t total = body.size() + bytes.size();
  if (total > kUncountedBodyBytes && !held_.Resize(total)) {
    error_ = Overloaded();
    return false;
  }
  body.append(bytes);
  return true;
}

bool RequestParser::keep_alive() const { return beast_->keep_alive(); }

bool RequestParser::TakeContinue() {
  if (phase_ != Phase::kBody || body_bytes() > 0 || request_.version_minor_ == 0) return false;
  return std::exchange(expects_continue_, false);
}

}  // namespace daybook::http
