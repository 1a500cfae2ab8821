#include "load/request_source.h"

#include <array>
#include <charconv>
#include <string_view>

namespace daybook::bench {
namespace {

constexpr std::string_view kOffset = "{offset}";
constexpr std::string_view kSerial = "{serial}";
constexpr std::size_t kSerialDigits = 12;
constexpr std::uint64_t kSerials = 1'000'000'000'000;

// The body's size once its serial number is in it.
std::size_t BytesSent(std::string_view body) {
  const bool has_serial = body.find(kSerial) != std::string_view::npos;
  return body.size() + (has_serial ? kSerialDigits - kSerial.size() : 0);
}

}  // namespace

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
      offset_step_(options.offset_step),
      random_(options.random),
      next_(options.offsets / static_cast<unsigned>(options.threads) *
            static_cast<unsigned>(worker)),
      next_serial_(kSerials / static_cast<unsigned>(options.threads) *
                   static_cast<unsigned>(worker)),
      generator_(static_cast<unsigned>(worker) + 1) {
  const bool append = options.target == "append";
  std::string body = options.body;
  if (body.empty() && append && options.method.empty()) {
    body = R"({"record":{"value":")" + Base64Value(options.value_bytes) + R"("}})";
  }
  const std::string once = body;
  for (int i = 1; i < options.body_times; ++i) body += once;
  std::string text = options.method.empty() ? (append ? "POST" : "GET") : options.method;
  text += ' ';
  text += options.path.empty() ? (append ? "/" : "/?offset={offset}") : options.path;
  text += " HTTP/1.1\r\nHost: " + options.host + ':' + std::to_string(options.port) + "\r\n";
  for (const std::string& header : options.headers) text += header + "\r\n";
  if (!body.empty()) {
    text += "Content-Type: " + options.content_type + "\r\n";
    text += "Content-Length: " + std::to_string(BytesSent(body)) + "\r\n";
  }
  text += "\r\n";
  text += body;

  const std::size_t offset_at = text.find(kOffset);
  const std::size_t serial_at = text.find(kSerial, text.size() - body.size());
  if (offset_at < text.find("\r\n")) {
    number_ = Number::kOffset;
    before_ = text.substr(0, offset_at);
    after_ = text.substr(offset_at + kOffset.size());
  } else if (serial_at != std::string::npos) {
    number_ = Number::kSerial;
    before_ = text.substr(0, serial_at);
    after_ = text.substr(serial_at + kSerial.size());
  } else {
    before_ = text;
  }
}

void RequestSource::AppendTo(std::string& out) {
  out += before_;
  if (number_ == Number::kNone) return;
  std::array<char, 20> digits;
  const std::uint64_t number = number_ == Number::kOffset ? NextOffset() : next_serial_++;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  if (number_ == Number::kSerial) {
    const auto written = static_cast<std::size_t>(end - digits.data());
    out.append(kSerialDigits - written, '0');
  }
  out.append(digits.data(), end);
  out += after_;
}

std::uint64_t RequestSource::NextOffset() {
  if (random_) {
    return offset_step_ * std::uniform_int_distribution<std::uint64_t>(0, offsets_ - 1)(generator_);
  }
  const std::uint64_t offset = offset_step_ * next_;
  next_ = next_ + 1 < offsets_ ? next_ + 1 : 0;
  return offset;
}

}  // namespace daybook::bench
