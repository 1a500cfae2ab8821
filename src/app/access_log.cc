#include "app/access_log.h"

#include <array>
#include <chrono>
#include <span>
#include <string>

#include "access/token.h"
#include "api/access_gate.h"
#include "base/hex.h"
#include "base/logging.h"

namespace daybook::app {
namespace {

// What of a long target is shown.
constexpr std::size_t kTargetBytesMax = 256;

bool IsLowerHex(std::string_view text) {
  return text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

std::optional<TraceParent> ParseTraceParent(std::string_view text) {
  // version "-" trace-id "-" parent-id "-" flags
  constexpr std::size_t kBytes = 55;
  if (text.size() < kBytes || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return std::nullopt;
  const std::string_view version = text.substr(0, 2);
  const TraceParent parsed{text.substr(3, 32), text.substr(36, 16)};
  const bool hexadecimal = IsLowerHex(version) && IsLowerHex(parsed.trace_id) &&
                           IsLowerHex(parsed.parent_id) && IsLowerHex(text.substr(53, 2));
  const bool complete = text.size() == kBytes || (version != "00" && text[kBytes] == '-');
  if (!hexadecimal || !complete || version == "ff" || IsZero(parsed.trace_id) ||
      IsZero(parsed.parent_id)) {
    return std::nullopt;
  }
  return parsed;
}

void AccessLog::OnExchange(const http::Exchange& exchange) {
  const http::Request& request = exchange.request;
  const auto trace = ParseTraceParent(request.Header("traceparent").value_or(""));
  const auto grant = api::GrantOf(request);
  const std::string target = access::WithoutTokens(request.target().substr(0, kTargetBytesMax));
  const std::string client = request.client().ToText();
  const std::string id = access::WithoutTokens(request.id());
  const std::array<logging::Field, 11> fields = {{
      {"request_id", id},
      {"client", client},
      {"method", exchange.method},
      {"route", exchange.route},
      {"target", target},
      {"token", grant != nullptr ? std::string_view(grant->terms().name) : ""},
      {"status", static_cast<int>(exchange.code)},
      {"bytes", exchange.body_bytes},
      {"duration_us",
       std::chrono::duration_cast<std::chrono::microseconds>(exchange.duration).count()},
      {"trace_id", trace ? trace->trace_id : ""},
      {"parent_id", trace ? trace->parent_id : ""},
  }};
  logging::Log(logging::Level::kInfo, "request",
               std::span(fields).first(trace ? fields.size() : fields.size() - 2));
}

}  // namespace daybook::app
