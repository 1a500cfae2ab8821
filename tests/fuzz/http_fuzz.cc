// Any split of any bytes gives the same requests, and the same end, as the bytes at once.
//
// The input's first two bytes seed the split; the rest is what a client sends. Bodies for paths
// that begin with /u are handed on as they arrive.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request_parser.h"

namespace {

using daybook::http::BodyBudget;
using daybook::http::BodySink;
using daybook::http::Limits;
using daybook::http::Request;
using daybook::http::RequestParser;
using daybook::http::Responder;
using daybook::http::Response;
using daybook::http::Upload;

Limits SmallLimits() {
  Limits limits;
  limits.target_bytes_max = 64;
  limits.header_bytes_max = 512;
  limits.body_bytes_max = 256;
  return limits;
}

// Is not finished here: there is nobody to answer to.
class Collected : public BodySink {
 public:
  explicit Collected(std::string& body) : body_(body) {}

  std::optional<Response> Append(std::string_view bytes) override {
    body_.append(bytes);
    return std::nullopt;
  }
  void Finish(Request&, Responder) override {}

 private:
  std::string& body_;
};

std::string Describe(Request& request, bool keep_alive) {
  std::string text(daybook::http::MethodName(request.method()));
  text.append(" ").append(request.path()).append("?").append(request.query().value_or("-"));
  text.append(" 1.")
      .append(std::to_string(request.version_minor()))
      .append(keep_alive ? " keep" : " close");
  for (const char* name : {"host", "content-length", "transfer-encoding", "expect", "accept"}) {
    text.append("|").append(request.HeaderList(name));
  }
  return text.append("|").append(request.body());
}

// What comes of `bytes` when they arrive in pieces of up to `piece_bytes_max`; whole where that is
// 0.
std::vector<std::string> Parse(std::string_view bytes, std::size_t piece_bytes_max,
                               std::minstd_rand& random) {
  static const Limits limits = SmallLimits();
  BodyBudget budget(1 << 20);
  std::string handed_on;
  RequestParser parser(limits, budget, [&](Request& request) -> std::optional<Upload> {
    if (request.path().substr(0, 2) != "/u") return std::nullopt;
    handed_on = "handed on: ";
    return std::make_unique<Collected>(handed_on);
  });
  std::vector<std::string> seen;
  std::string input;
  while (!bytes.empty()) {
    const std::size_t piece =
        piece_bytes_max == 0 ? bytes.size()
                             : std::min<std::size_t>(bytes.size(), 1 + random() % piece_bytes_max);
    input.append(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
    std::size_t used = 0;
    while (used < input.size()) {
      const auto outcome = parser.Parse(std::string_view(input).substr(used), used);
      if (used > input.size()) std::abort();
      if (outcome == RequestParser::Outcome::kNeedMore) break;
      if (outcome == RequestParser::Outcome::kError) {
        seen.push_back("error " + std::to_string(static_cast<int>(parser.error().code)));
        return seen;
      }
      seen.push_back(Describe(parser.request(), parser.keep_alive()) +
                     std::exchange(handed_on, {}));
      parser.Next();
    }
    input.erase(0, used);
    if (input.size() > limits.header_bytes_max) std::abort();  // what waits is bounded
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::minstd_rand random(static_cast<unsigned>(data[0]) << 8 | data[1]);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::vector<std::string> whole = Parse(bytes, 0, random);
  for (const std::size_t piece_bytes_max : {1, 3, 40}) {
    if (Parse(bytes, piece_bytes_max, random) != whole) std::abort();
  }
  return 0;
}
