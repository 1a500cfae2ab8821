#include "api/access_rules.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace daybook::api {
namespace {

using http::Method;

struct Rule {
  Method method;
  std::string_view pattern;
  Need need;
};

constexpr std::array kRules = {
    Rule{Method::Get, "/", Need::kReadOrPage},
    Rule{Method::Post, "/", Need::kAppend},
    Rule{Method::Get, "/v1", Need::kAnyToken},
    Rule{Method::Get, "/v1/logs", Need::kAnyToken},
    Rule{Method::Get, "/v1/logs/{log}", Need::kRead},
    Rule{Method::Put, "/v1/logs/{log}", Need::kAdmin},
    Rule{Method::Delete, "/v1/logs/{log}", Need::kAdmin},
    Rule{Method::Post, "/v1/logs/{log}/trim", Need::kAdmin},
    Rule{Method::Get, "/v1/logs/{log}/records", Need::kRead},
    Rule{Method::Post, "/v1/logs/{log}/records", Need::kAppend},
    Rule{Method::Get, "/v1/logs/{log}/records/{offset}", Need::kRead},
    Rule{Method::Get, "/v1/logs/{log}/cursors", Need::kRead},
    Rule{Method::Get, "/v1/logs/{log}/cursors/{cursor}", Need::kRead},
    Rule{Method::Put, "/v1/logs/{log}/cursors/{cursor}", Need::kAppend},
    Rule{Method::Delete, "/v1/logs/{log}/cursors/{cursor}", Need::kAppend},
    Rule{Method::Get, "/healthz", Need::kNothing},
    Rule{Method::Get, "/readyz", Need::kNothing},
    Rule{Method::Get, "/version", Need::kNothing},
    Rule{Method::Get, "/openapi.json", Need::kNothing},
    Rule{Method::Get, "/docs", Need::kNothing},
    Rule{Method::Get, "/console", Need::kNothing},
    Rule{Method::Get, "/metrics", Need::kMetrics},
};

}  // namespace

Need NeedOf(http::Method method, std::string_view pattern) {
  const auto* const rule = std::find_if(kRules.begin(), kRules.end(), [&](const Rule& one) {
    return one.method == method && one.pattern == pattern;
  });
  CHECK(rule != kRules.end(), "a route has no rule of who may use it");
  return rule->need;
}

}  // namespace daybook::api
