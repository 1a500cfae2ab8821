#include "api/access_gate.h"

#include <optional>
#include <utility>

#include "api/landing.h"
#include "api/problem.h"
#include "base/ascii.h"
#include "base/check.h"

namespace daybook::api {
namespace {

using access::ClientLimits;
using access::Grant;
using access::Scope;
using http::Code;

// Holds the request's place among those of its client.
class AccessPass : public http::Pass {
 public:
  explicit AccessPass(std::shared_ptr<const Grant> grant) : grant_(std::move(grant)) {}

  bool ended() const override { return grant_ != nullptr && grant_->revoked(); }
  const std::shared_ptr<const Grant>& grant() const { return grant_; }
  void Hold(std::unique_ptr<ClientLimits::Slot> slot) { slot_ = std::move(slot); }

 private:
  const std::shared_ptr<const Grant> grant_;
  std::unique_ptr<ClientLimits::Slot> slot_;
};

// The token of `Authorization: Bearer TOKEN` (RFC 6750 section 2.1). None: there is no such field,
// or more in it.
std::optional<std::string> TokenOf(const http::Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string field = request.HeaderList("authorization");
  if (!EqualIgnoringCase(std::string_view(field).substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  const std::string_view token = Trim(std::string_view(field).substr(kScheme.size()));
  const auto is_of_token = [](char c) { return (c != ' ') & (c != ','); };
  if (token.empty() || BytesAhead(token, is_of_token) != token.size()) return std::nullopt;
  return std::string(token);
}

std::optional<Scope> ScopeOf(Need need) {
  switch (need) {
    case Need::kRead:
    case Need::kReadOrPage:
      return Scope::kRead;
    case Need::kAppend:
      return Scope::kAppend;
    case Need::kAdmin:
      return Scope::kAdmin;
    case Need::kMetrics:
      return Scope::kMetrics;
    case Need::kNothing:
    case Need::kAnyToken:
      break;
  }
  return std::nullopt;
}

class AccessGate : public http::Gate {
 public:
  AccessGate(Access access, const std::vector<http::RouteDescription>& routes)
      : access_(std::move(access)) {
    for (const http::RouteDescription& route : routes) {
      Rules& rules = rules_.emplace_back();
      rules.has_log = route.pattern.find("{log}") != std::string::npos;
      for (const http::Method method : route.methods) {
        if (method != http::Method::Head)
          rules.needs.emplace_back(method, NeedOf(method, route.pattern));
      }
    }
  }

  Admission Admit(const http::Request& request, http::Method method) const override {
    const Rules& rules = rules_[*request.route()];
    const Need need = rules.For(method);
    if (IsOpen(need, request)) return {};
    const std::optional<std::string> token = TokenOf(request);
    std::shared_ptr<const Grant> grant;
    if (access_.tokens != nullptr && token) grant = access_.tokens->Find(*token);
    auto pass = std::make_shared<AccessPass>(grant);
    if (std::optional<http::Response> refusal = Limit(request, *pass))
      return {pass, *std::move(refusal)};
    if (access_.tokens == nullptr) return {pass, std::nullopt};
    if (grant == nullptr) return {pass, Unknown(request, token.has_value())};
    const std::string_view log = rules.has_log ? request.Parameter("log") : "default";
    return {pass, NotGranted(request, *grant, need, log)};
  }

 private:
  struct Rules {
    Need For(http::Method method) const {
      for (const auto& [of, need] : needs) {
        if (of == method) return need;
      }
      CHECK(false, "a gate is asked of a method that its route has not");
      return Need::kAdmin;
    }

    bool has_log = false;
    std::vector<std::pair<http::Method, Need>> needs;
  };

  bool IsOpen(Need need, const http::Request& request) const {
    return need == Need::kNothing || (need == Need::kMetrics && !access_.metrics_need_token) ||
           (need == Need::kReadOrPage && AsksForPage(request));
  }

  std::optional<http::Response> Limit(const http::Request& request, AccessPass& pass) const {
    const bool has_token = pass.grant() != nullptr;
    const auto& limits = has_token ? access_.token_limits : access_.address_limits;
    if (limits == nullptr) return std::nullopt;
    ClientLimits::Taken taken =
        limits->Take(has_token ? pass.grant()->terms().name : request.client().network());
    if (auto* const slot = std::get_if<std::unique_ptr<ClientLimits::Slot>>(&taken)) {
      pass.Hold(std::move(*slot));
      return std::nullopt;
    }
    const auto& refusal = std::get<ClientLimits::Refusal>(taken);
    const bool by_rate = refusal.why == ClientLimits::Refusal::Why::kRate;
    return Deny(by_rate ? Denial::kRate : Denial::kRequests, request,
                {Code::Too_Many_Requests, "too-many-requests",
                 std::string(has_token ? "this token" : "this address") +
                     (by_rate ? " has asked for more in a second than it may"
                              : " has as many requests under way as it may") +
                     "; Retry-After says when to ask again"},
                "Retry-After: " + std::to_string(refusal.retry_after.count()) + "\r\n");
  }

  http::Response Unknown(const http::Request& request, bool has_token) const {
    if (!has_token) {
      return Deny(Denial::kNoToken, request,
                  {Code::Unauthorized, "unauthenticated",
                   "there is no token; send it in the header field Authorization: Bearer TOKEN"},
                  "WWW-Authenticate: Bearer realm=\"daybook\"\r\n");
    }
    return Deny(Denial::kUnknownToken, request,
                {Code::Unauthorized, "unauthenticated",
                 "the token is not known here; it may have been revoked"},
                "WWW-Authenticate: Bearer realm=\"daybook\", error=\"invalid_token\"\r\n");
  }

  std::optional<http::Response> NotGranted(const http::Request& request, const Grant& grant,
                                           Need need, std::string_view log) const {
    const std::optional<Scope> scope = ScopeOf(need);
    if (!scope) return std::nullopt;
    std::string detail = "the token '" + grant.terms().name + "'";
    if (!grant.Has(*scope)) {
      detail.append(" has not the scope '").append(NameOf(*scope)).append("'");
    } else if (need != Need::kMetrics && !grant.IsForLog(log)) {
      detail.append(" is not for the log '").append(log).append("'");
    } else {
      return std::nullopt;
    }
    return Deny(
        Denial::kNotGranted, request, {Code::Forbidden, "forbidden", std::move(detail)},
        "WWW-Authenticate: Bearer realm=\"daybook\", error=\"insufficient_scope\", scope=\"" +
            std::string(NameOf(*scope)) + "\"\r\n");
  }

  http::Response Deny(Denial why, const http::Request& request, Problem problem,
                      const std::string& fields) const {
    access_.stats->denials[static_cast<std::size_t>(why)].Add();
    if (request.method() == http::Method::Post) problem.Member("outcome", kNotAppended);
    http::Response response = problem.ToResponse();
    response.fields.append(fields);
    return response;
  }

  const Access access_;
  std::vector<Rules> rules_;  // by route
};

}  // namespace

void Guard(http::Router& router, const Access& access) {
  if (!access.cors_origins.empty()) router.SetCors(http::Cors(access.cors_origins));
  auto gate = std::make_shared<const AccessGate>(access, router.routes());
  if (access.tokens != nullptr || access.address_limits != nullptr) router.SetGate(std::move(gate));
}

std::shared_ptr<const Grant> GrantOf(const http::Request& request) {
  const auto* const pass = static_cast<const AccessPass*>(request.pass().get());
  return pass != nullptr ? pass->grant() : nullptr;
}

bool MayRead(const std::shared_ptr<const Grant>& grant, std::string_view log) {
  return grant == nullptr || (grant->Has(Scope::kRead) && grant->IsForLog(log));
}

}  // namespace daybook::api
