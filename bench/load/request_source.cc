#include "load/request_source.h"

#include <array>
#include <charconv>
#include <string_view>

namespace daybook::bench {

std::string Base64Value(std::size_t bytes) {
  std::string text;
  text.reserve((bytes + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes / 3; ++i) text += "TG9n";
  if (bytes % 3 == 1) text += "TA==";
  if (bytes % 3 == 2) text += "TG8=";
  return text;
}

RequestSource::RequestSource(const Options& options, int worker)
    : offsets_(options.offsets),
      random_(options.random),
      next_(options.offsets / static_cast<unsigned>(options.threads) *
            static_cast<unsigned>(worker)),
      generator_(static_cast<unsigned>(worker) + 1) {
  const bool append = options.target == "append";
  std::string body = options.body;
  if (body.empty() && append && options.method.empty()) {
    body = R"({"record":{"value":")" + Base64Value(options.value_bytes) + R"("}})";
  }
  std::string text = options.method.empty() ? (append ? "POST" : "GET") : options.method;
  text += ' ';
  text += options.path.empty() ? (append ? "/" : "/?offset={offset}") : options.path;
  text += " HTTP/1.1\r\nHost: " + options.host + ':' + std::to_string(options.port) + "\r\n";
  for (const std::string& header : options.headers) text += header + "\r\n";
  if (!body.empty()) {
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
    text += "\r\n";
  }
  text += "\r\n";
  text += body;

  constexpr std::string_view kOffset = "{offset}";
  const std::size_t at = text.find(kOffset);
  before_ = text.substr(0, at);
  if (at < text.find("\r\n")) after_ = text.substr(at + kOffset.size());
  if (after_.empty()) before_ = text;
}

void RequestSource::AppendTo(std::string& out) {
  out += before_;
  if (after_.empty()) return;
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), NextOffset()).ptr;
  out.append(digits.data(), end);
  out += after_;
}

std::uint64_t RequestSource::NextOffset() {
  if (random_) return std::uniform_int_distribution<std::uint64_t>(0, offsets_ - 1)(generator_);
  const std::uint64_t offset = next_;
  next_ = next_ + 1 < offsets_ ? next_ + 1 : 0;
  return offset;
}

}  // namespace daybook::bench
