#include "api/records_append.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/append_fields.h"
#include "api/batch_body.h"
#include "api/media_type.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/record_json.h"
#include "api/request_body.h"
#include "api/status_map.h"
#include "base/ascii.h"
#include "base/json_text.h"
#include "base/rfc3339.h"

namespace daybook::api {
namespace {

using http::Code;

enum class Form { kJson, kNdjson, kRaw };

// None: what the body is was not said, or not meant, for it is what curl and forms say by
// themselves; as one raw record it would be stored with what is wrapped around it.
std::optional<Form> FormOf(std::string_view type) {
  constexpr std::string_view kMultipart = "multipart/";
  if (EqualIgnoringCase(type, kJsonType)) return Form::kJson;
  if (EqualIgnoringCase(type, kNdjsonType)) return Form::kNdjson;
  if (type.empty() || EqualIgnoringCase(type, "application/x-www-form-urlencoded") ||
      EqualIgnoringCase(type.substr(0, kMultipart.size()), kMultipart))
    return std::nullopt;
  return Form::kRaw;
}

Problem UnsupportedType(std::string_view content_type, std::string_view target) {
  std::string detail = content_type.empty()
                           ? "the body has no Content-Type"
                           : "the body's Content-Type is " + std::string(content_type);
  detail +=
      "; send Content-Type: application/json for {\"records\":[...]}, application/x-ndjson for a "
      "record a line, or application/octet-stream for one record as it is, such as curl -H "
      "'Content-Type: application/json' -d '{\"records\":[{\"text\":\"hello\"}]}' "
      "http://HOST";
  detail.append(target.substr(0, target.find('?')));
  return {Code::Unsupported_Media_Type, "unsupported-media-type", std::move(detail)};
}

Problem InvalidParameter(std::string detail) {
  return {Code::Bad_Request, "invalid-parameter", std::move(detail)};
}

class Appender {
 public:
  Appender(log::LogStore& store, const ApiLimits& limits)
      : store_(store),
        limits_(limits),
        fields_("Content-Type: application/json\r\nCache-Control: no-store\r\nDurability: " +
                std::string(log::DurabilityName(store.durability())) + "\r\n") {}

  void Append(http::Request& request, http::Responder responder) const {
    const auto refuse = [&](Problem problem) {
      std::move(responder).Send(problem.Member("outcome", kNotAppended).ToResponse());
    };
    std::string name(request.Parameter("log"));
    log::Log* const log = store_.Find(name);
    if (log == nullptr) return refuse(NoSuchLog(name));
    if (std::optional<Problem> refusal = RefuseCoding(request)) {
      return std::move(responder).Send(refusal->Member("outcome", kNotAppended)
                                           .ToResponse()
                                           .AddField("Accept-Encoding", "identity"));
    }
    Result<log::AppendOptions> options = ParseAppendFields(request);
    if (!options.ok())
      return refuse({Code::Bad_Request, "invalid-header", options.status().message()});
    log::Batch batch;
    if (std::optional<Problem> problem = Parse(request, batch)) return refuse(std::move(*problem));
    log->Append(std::move(batch), std::move(*options),
                [this, name = std::move(name),
                 responder = std::move(responder)](const Result<log::Appended>& appended) mutable {
                  std::move(responder).Send(AnswerOf(name, appended));
                });
  }

 private:
  std::optional<Problem> Parse(http::Request& request, log::Batch& batch) const {
    const std::string content_type = request.HeaderList("content-type");
    const std::optional<Form> form = FormOf(MediaTypeOf(content_type));
    if (!form) return UnsupportedType(content_type, request.path());
    Result<Query> query = Query::Parse(request.query());
    if (!query.ok()) return InvalidParameter(query.status().message());
    std::optional<std::string> key = query->Take("key");
    if (const Status rest = query->Rest(); !rest.ok()) return InvalidParameter(rest.message());
    if (key && *form != Form::kRaw) {
      return InvalidParameter(
          "the query parameter 'key' is for a record that is sent as it is; in JSON a record has a "
          "member key");
    }
    if (key && !IsKey(*key))
      return InvalidParameter("the query parameter 'key' is not UTF-8 without control characters");
    std::optional<BatchFault> fault;
    if (*form == Form::kJson) {
      fault = ParseJsonBatch(request.mutable_body(), limits_, batch);
    } else if (*form == Form::kRaw) {
      fault = TakeRawBatch(std::move(request.mutable_body()), std::move(key), limits_, batch);
    } else {
      NdjsonBatch lines(limits_);
      fault = lines.Add(request.body());
      if (!fault) fault = lines.Finish(batch);
    }
    return fault ? std::optional(fault->ToProblem()) : std::nullopt;
  }

  http::Response AnswerOf(std::string_view name, const Result<log::Appended>& appended) const {
    if (!appended.ok()) return AppendProblemOf(appended.status()).ToResponse();
    http::Response response;
    response.code = Code::Created;
    const std::uint64_t first = appended->first_offset.value;
    const std::uint64_t next = appended->next_offset.value;
    response.fields.append(fields_).append("Location: /v1/logs/").append(name).append("/records/");
    AppendJsonNumber(response.fields, first);
    response.fields.append("\r\n");
    if (appended->replayed) response.fields.append("Idempotency-Replayed: true\r\n");
    std::string& body = response.body;
    body = R"({"first_offset":)";
    AppendJsonNumber(body, first);
    AppendJsonMember(body, "last_offset", next - 1);
    AppendJsonMember(body, "count", next - first);
    AppendJsonMember(body, "next_offset", next);
    body.append(R"(,"timestamp":")");
    AppendRfc3339(body, appended->timestamp);
    body.append("\"}\n");
    return response;
  }

  log::LogStore& store_;
  const ApiLimits limits_;
  const std::string fields_;  // of every answer
};

}  // namespace

void AddAppendRoute(http::Router& router, log::LogStore& store, const ApiLimits& limits) {
  const auto appender = std::make_shared<const Appender>(store, limits);
  router.Add(http::Method::Post, "/v1/logs/{log}/records",
             [appender](http::Request& request, http::Responder responder) {
               appender->Append(request, std::move(responder));
             });
}

}  // namespace daybook::api
