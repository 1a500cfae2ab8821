#include "api/problem.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/json_text.h"

namespace daybook::api {
namespace {

struct Kind {
  std::string_view name;
  std::string_view title;
};

constexpr std::array kKinds = {
    Kind{"malformed-request", "malformed request"},
    Kind{"invalid-parameter", "invalid query parameter"},
    Kind{"invalid-body", "invalid request body"},
    Kind{"invalid-header", "invalid header field"},
    Kind{"unauthenticated", "token missing or unknown"},
    Kind{"forbidden", "not granted to this token"},
    Kind{"too-many-requests", "too many requests"},
    Kind{"no-such-route", "no such route"},
    Kind{"offset-not-found", "offset not found"},
    Kind{"beyond-the-end", "offset beyond the end"},
    Kind{"trimmed", "offset trimmed"},
    Kind{"lost", "record lost"},
    Kind{"not-found", "not found"},
    Kind{"no-such-log", "no such log"},
    Kind{"no-such-cursor", "no such cursor"},
    Kind{"other-log", "another log"},
    Kind{"default-log", "the default log stays"},
    Kind{"precondition-failed", "precondition failed"},
    Kind{"condition-failed", "log end not as expected"},
    Kind{"key-reused", "idempotency key reused"},
    Kind{"unsupported-media-type", "media type not supported"},
    Kind{"method-not-allowed", "method not allowed"},
    Kind{"not-acceptable", "not acceptable"},
    Kind{"request-timeout", "request timeout"},
    Kind{"body-too-large", "request body too large"},
    Kind{"batch-too-large", "batch too large"},
    Kind{"record-too-large", "record too large"},
    Kind{"target-too-long", "request target too long"},
    Kind{"header-too-large", "request header too large"},
    Kind{"unsupported-coding", "content coding not supported"},
    Kind{"expectation-failed", "expectation failed"},
    Kind{"internal", "internal error"},
    Kind{"damaged", "stored data damaged"},
    Kind{"missing", "record missing"},
    Kind{"method-not-implemented", "method not implemented"},
    Kind{"transfer-coding-not-implemented", "transfer coding not implemented"},
    Kind{"overloaded", "overloaded"},
    Kind{"too-many-connections", "too many connections"},
    Kind{"unavailable", "unavailable"},
    Kind{"unknown-outcome", "outcome unknown"},
    Kind{"version-not-supported", "HTTP version not supported"},
    Kind{"no-space", "no space"},
};

}  // namespace

Problem::Problem(http::Code code, std::string_view kind, std::string detail)
    : code_(code), kind_(kind), detail_(std::move(detail)) {
  const auto known =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& k) { return k.name == kind; });
  CHECK(known != kKinds.end(), "a problem of an unlisted kind");
  title_ = known->title;
}

Problem& Problem::Title(std::string_view title) {
  title_ = title;
  return *this;
}

Problem& Problem::Member(std::string_view name, std::uint64_t value) {
  AppendJsonMember(members_, name, value);
  return *this;
}

Problem& Problem::Member(std::string_view name, std::string_view value) {
  AppendJsonMember(members_, name, value);
  return *this;
}

http::Response Problem::ToResponse() const {
  http::Response response;
  response.code = code_;
  response.AddField("Content-Type", "application/problem+json");
  response.AddField("Cache-Control", "no-store");
  if (code_ == http::Code::Service_Unavailable) response.AddField("Retry-After", "1");
  if (kind_ == "unsupported-coding") response.AddField("Accept-Encoding", "identity");
  std::string& body = response.body;
  body.append(R"({"type":"urn:daybook:problem:)").append(kind_).append(R"(","title":)");
  AppendJsonString(body, title_);
  body.append(R"(,"status":)");
  AppendJsonNumber(body, static_cast<std::uint64_t>(code_));
  body.append(R"(,"detail":)");
  AppendJsonString(body, detail_);
  body.append(members_).append("}\n");
  return response;
}

Problem InvalidParameter(std::string detail) {
  return {http::Code::Bad_Request, "invalid-parameter", std::move(detail)};
}

http::Response ErrorPage(const http::Error& error) {
  Problem problem(error.code, error.kind, error.detail);
  // A POST may be an append; what is refused before a handler saw it was not appended.
  if (error.kind == "internal") {
    problem.Member("outcome", kUnknown);
  } else if (error.method == http::Method::Post) {
    problem.Member("outcome", kNotAppended);
  }
  return problem.ToResponse();
}

std::vector<std::string_view> ProblemKinds() {
  std::vector<std::string_view> names;
  names.reserve(kKinds.size());
  for (const Kind& kind : kKinds) names.push_back(kind.name);
  return names;
}

}  // namespace daybook::api
