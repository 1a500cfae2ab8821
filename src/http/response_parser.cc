#include "http/response_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

#include "base/ascii.h"

namespace daybook::http {
namespace {

namespace beast = boost::beast::http;

constexpr std::uint32_t kHeadBytesMax = 256 << 10;
// How a last chunk ends, of which Beast must not see all but the last byte alone.
constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string Text(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string_view ResponseHead::Field(std::string_view name) const {
  for (const auto& [known, value] : fields) {
    if (EqualIgnoringCase(known, name)) return value;
  }
  return {};
}

class ResponseParser::Beast : public beast::basic_parser<false> {
 public:
  Beast() {
    eager(true);
    header_limit(kHeadBytesMax);
    body_limit(std::numeric_limits<std::uint64_t>::max());
  }

  ResponseHead head;
  std::string body;

 private:
  using ErrorCode = boost::beast::error_code;
  using String = boost::beast::string_view;

  void on_request_impl(beast::verb, String, String, int, ErrorCode&) override {}
  void on_response_impl(int code, String, int, ErrorCode&) override {
    head.code = static_cast<unsigned>(code);
  }
  void on_field_impl(beast::field, String name, String value, ErrorCode&) override {
    head.fields.emplace_back(Text(name), Text(value));
  }
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(String bytes, ErrorCode&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, String, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, String bytes, ErrorCode&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(ErrorCode&) override {}
};

ResponseParser::ResponseParser() : beast_(std::make_unique<Beast>()) {}
ResponseParser::~ResponseParser() = default;

Status ResponseParser::Put(std::string_view bytes) {
  if (!waiting_.empty()) bytes = waiting_.append(bytes);
  std::size_t parsed = 0;
  boost::beast::error_code error;
  while (parsed < bytes.size() && !is_done() && !error) {
    const std::string_view rest = bytes.substr(parsed);
    if (rest.size() < kLastChunk.size() && kLastChunk.starts_with(rest) && has_head() &&
        beast_->chunked())
      break;
    parsed += beast_->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    // A 1xx is followed by the answer itself.
    if (!error && is_done() && head().code >= 100 && head().code < 200)
      beast_ = std::make_unique<Beast>();
  }
  waiting_ = std::string(bytes.substr(parsed));
  if (error && error != beast::error::need_more)
    return {StatusCode::kUnavailable, "what it answered is no HTTP: " + error.message()};
  return {};
}

Status ResponseParser::PutEnd() {
  boost::beast::error_code error;
  if (!is_done() && has_head() && beast_->need_eof()) beast_->put_eof(error);
  if (!is_done() || error) return {StatusCode::kUnavailable, "it closed the connection"};
  return {};
}

bool ResponseParser::has_head() const { return beast_->is_header_done(); }
bool ResponseParser::is_done() const { return beast_->is_done(); }
bool ResponseParser::keep_alive() const { return waiting_.empty() && beast_->keep_alive(); }
const ResponseHead& ResponseParser::head() const { return beast_->head; }
std::string ResponseParser::TakeBody() { return std::exchange(beast_->body, {}); }

}  // namespace daybook::http
