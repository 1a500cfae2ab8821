#include "api/request_body.h"

#include <utility>

#include "api/media_type.h"
#include "api/query.h"
#include "api/status_map.h"
#include "base/ascii.h"

namespace daybook::api {
namespace {

using http::Code;

std::string_view Opaque(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

}  // namespace

Status NoParameters(const http::Request& request) {
  const Result<Query> query = Query::Parse(request.query());
  return query.ok() ? query->Rest() : query.status();
}

void Refuse(const Problem& problem, http::Responder responder) {
  std::move(responder).Send(problem.ToResponse());
}

Problem NoSuchLog(std::string_view name) {
  return {Code::Not_Found, "no-such-log", "there is no log '" + std::string(name) + "'"};
}

Problem InvalidBody(const Status& status) {
  return {Code::Bad_Request, "invalid-body", status.message()};
}

Problem InvalidHeader(const Status& status) {
  return {Code::Bad_Request, "invalid-header", status.message()};
}

Problem BodyOffsetProblemOf(const Status& status) {
  if (status.code() != StatusCode::kBeyondEnd) return ProblemOf(status);
  return InvalidBody(status).Member("next_offset", status.offset().value_or(Offset()).value);
}

http::Handler WithoutParameters(std::function<http::Response(const http::Request&)> answer) {
  return [answer = std::move(answer)](http::Request& request, http::Responder responder) {
    const Status status = NoParameters(request);
    std::move(responder).Send(status.ok() ? answer(request)
                                          : InvalidParameter(status.message()).ToResponse());
  };
}

http::Response JsonAnswer(http::Code code, std::string body) {
  http::Response response;
  response.code = code;
  response.fields = "Content-Type: application/json\r\nCache-Control: no-store\r\n";
  if (code == http::Code::Service_Unavailable) response.AddField("Retry-After", "1");
  response.body = std::move(body);
  return response;
}

std::optional<Problem> RefuseCoding(const http::Request& request) {
  if (!request.Header("content-encoding")) return std::nullopt;
  const std::string codings = request.HeaderList("content-encoding");
  if (codings.empty() || EqualIgnoringCase(codings, "identity")) return std::nullopt;
  return Problem(Code::Unsupported_Media_Type, "unsupported-coding",
                 "a body with Content-Encoding is not taken; send it as it is");
}

std::optional<http::Response> RefuseUnlessJson(const http::Request& request) {
  if (const std::optional<Problem> refusal = RefuseCoding(request)) return refusal->ToResponse();
  const std::string_view type = MediaTypeOf(request.Header("content-type").value_or(""));
  if (EqualIgnoringCase(type, "application/json")) return std::nullopt;
  const std::string what = type.empty() ? "the body has no Content-Type"
                                        : "the body's Content-Type is " + std::string(type);
  return Problem(Code::Unsupported_Media_Type, "unsupported-media-type",
                 what + "; send Content-Type: application/json")
      .ToResponse();
}

bool MatchesWeakly(std::string_view if_none_match, std::string_view tag) {
  if (if_none_match == "*") return true;
  const std::string_view opaque = Opaque(tag);
  for (std::size_t at = if_none_match.find(opaque); at != std::string_view::npos;
       at = if_none_match.find(opaque, at + 1)) {
    const std::string_view before = if_none_match.substr(0, at);
    if (before.empty() || before.back() == ' ' || before.back() == ',' || before.ends_with("W/"))
      return true;
  }
  return false;
}

}  // namespace daybook::api
