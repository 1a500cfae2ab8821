#include "http/cors.h"

#include <algorithm>
#include <utility>

namespace daybook::http {
namespace {

// `*` is not for this one, which has what a token is shown in.
constexpr std::string_view kAllowedHeaders = "Access-Control-Allow-Headers: *, Authorization\r\n";
// How long a browser need not ask again: the longest that all of them take.
constexpr std::string_view kMaxAge = "Access-Control-Max-Age: 7200\r\n";

}  // namespace

Cors::Cors(std::vector<std::string> origins)
    : origins_(std::move(origins)),
      allows_all_(std::find(origins_.begin(), origins_.end(), "*") != origins_.end()) {}

bool Cors::Allows(std::string_view origin) const {
  return allows_all_ || std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

void Cors::AppendAnswerFields(const Request& request, std::string& fields) const {
  const std::string_view origin = request.Header("origin").value_or("");
  if (allows_all_) {
    // Also without an Origin: a cache may give the answer to a page.
    fields.append("Access-Control-Allow-Origin: *\r\n");
  } else {
    fields.append("Vary: Origin\r\n");
    if (!Allows(origin)) return;
    fields.append("Access-Control-Allow-Origin: ").append(origin).append("\r\n");
  }
  fields.append("Access-Control-Expose-Headers: *\r\n");
}

void Cors::AppendPreflightFields(const Request& request, std::string_view methods,
                                 std::string& fields) const {
  const std::string_view origin = request.Header("origin").value_or("");
  if (!request.Header("access-control-request-method")) return;
  if (!Allows(origin)) return;
  fields.append("Access-Control-Allow-Methods: ").append(methods).append("\r\n");
  fields.append(kAllowedHeaders).append(kMaxAge);
}

}  // namespace daybook::http
