#include "api/records_append.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/append_fields.h"
#include "api/append_target.h"
#include "api/batch_body.h"
#include "api/log_request.h"
#include "api/media_type.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/record_json.h"
#include "api/request_body.h"
#include "api/status_map.h"
#include "base/ascii.h"
#include "base/json_text.h"

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

class Appender {
 public:
  Appender(log::LogStore& store, const ApiLimits& limits) : store_(store), limits_(limits) {}

  http::Upload Begin(const http::Request& request, http::BodyShare held) const;

  void Append(std::shared_ptr<log::Log> log, log::Batch batch, log::AppendOptions options,
              http::Responder responder) const {
    log::Log& to = *log;
    to.Append(std::move(batch), std::move(options),
              [this, log = std::move(log),
               responder = std::move(responder)](const Result<log::Appended>& appended) mutable {
                std::move(responder).Send(WithLogId(AnswerOf(log->name(), appended), *log));
              });
  }

  ApiLimits limits() const { return limits_.Within(store_.append_limits()); }

 private:
  http::Response AnswerOf(std::string_view name, const Result<log::Appended>& appended) const {
    if (!appended.ok()) return AppendProblemOf(appended.status()).ToResponse();
    http::Response response;
    response.code = Code::Created;
    const std::uint64_t first = appended->first_offset.value;
    const std::uint64_t next = appended->next_offset.value;
    response.fields.append(AppendedFields(store_));
    response.fields.append("Location: /v1/logs/").append(name).append("/records/");
    AppendJsonNumber(response.fields, first);
    response.fields.append("\r\n");
    if (appended->replayed) response.fields.append("Idempotency-Replayed: true\r\n");
    std::string& body = response.body;
    body = R"({"first_offset":)";
    AppendJsonNumber(body, first);
    AppendJsonMember(body, "last_offset", next - 1);
    AppendJsonMember(body, "count", next - first);
    AppendJsonMember(body, "next_offset", next);
    AppendJsonMember(body, "timestamp", appended->timestamp);
    body.append("}\n");
    return response;
  }

  log::LogStore& store_;
  const ApiLimits limits_;
};

http::Response Refusal(Problem problem) {
  return problem.Member("outcome", kNotAppended).ToResponse();
}

// What an append's header says.
struct AppendHeader {
  std::shared_ptr<AppendTarget> target;
  log::AppendOptions options;
  Form form = Form::kRaw;
  std::optional<std::string> key;
};

// Takes the body of an append; lines are parsed as they come.
class AppendSink : public http::BodySink {
 public:
  AppendSink(const Appender& appender, AppendHeader header, http::BodyShare held)
      : appender_(appender),
        header_(std::move(header)),
        held_(std::move(held)),
        lines_(appender.limits()) {}

  std::optional<http::Response> Append(std::string_view bytes) override {
    if (header_.form == Form::kNdjson) {
      if (const auto fault = lines_.Add(bytes)) return Refusal(fault->ToProblem());
    } else {
      body_.append(bytes);
    }
    received_bytes_ += bytes.size();
    if (auto refusal = header_.target->refusal()) return Refusal(std::move(*refusal));
    if (held_.Resize(received_bytes_ + lines_.records() * sizeof(log::NewRecord)))
      return std::nullopt;
    http::Error error = http::Overloaded();
    error.method = http::Method::Post;
    return ErrorPage(error);
  }

  void Finish(http::Request&, http::Responder responder) override {
    log::Batch batch;
    if (const auto fault = Parse(batch))
      return std::move(responder).Send(Refusal(fault->ToProblem()));
    header_.target->Take([&appender = appender_, batch = std::move(batch),
                          options = std::move(header_.options),
                          responder = std::move(responder)](FoundLog found) mutable {
      if (auto* const problem = std::get_if<Problem>(&found))
        return std::move(responder).Send(Refusal(std::move(*problem)));
      appender.Append(std::get<std::shared_ptr<log::Log>>(std::move(found)), std::move(batch),
                      std::move(options), std::move(responder));
    });
  }

 private:
  std::optional<BatchFault> Parse(log::Batch& batch) {
    switch (header_.form) {
      case Form::kJson:
        return ParseJsonBatch(body_, appender_.limits(), batch);
      case Form::kNdjson:
        return lines_.Finish(batch);
      case Form::kRaw:
        break;
    }
    return TakeRawBatch(std::move(body_), std::move(header_.key), appender_.limits(), batch);
  }

  const Appender& appender_;
  AppendHeader header_;
  http::BodyShare held_;
  std::string body_;  // where it is no lines
  NdjsonBatch lines_;
  std::uint64_t received_bytes_ = 0;
};

// What is wrong with the query, without its log_id; `header` gets the record's key that is in it.
std::optional<Problem> ParseQuery(Query& query, AppendHeader& header) {
  header.key = query.Take("key");
  if (const Status rest = query.Rest(); !rest.ok()) return InvalidParameter(rest.message());
  if (header.key && header.form != Form::kRaw) {
    return InvalidParameter(
        "the query parameter 'key' is for a record that is sent as it is; in JSON a record has a "
        "member key");
  }
  if (header.key && !IsKey(*header.key))
    return InvalidParameter("the query parameter 'key' is not UTF-8 without control characters");
  return std::nullopt;
}

http::Upload Appender::Begin(const http::Request& request, http::BodyShare held) const {
  Result<Query> query = Query::Parse(request.query());
  if (!query.ok()) return Refusal(InvalidParameter(query.status().message()));
  std::optional<log::LogId> id;
  if (const Status status = TakeLogId(*query, id); !status.ok())
    return Refusal(InvalidParameter(status.message()));
  Result<LogName> name = LogNameOf(request, id);
  if (!name.ok()) return Refusal(InvalidParameter(name.status().message()));
  AppendHeader header;
  header.target = AppendTarget::Find(store_, *std::move(name), limits_.auto_create);
  if (auto refusal = header.target->refusal()) return Refusal(std::move(*refusal));
  if (std::optional<Problem> refusal = RefuseCoding(request)) return Refusal(std::move(*refusal));
  Result<log::AppendOptions> options = ParseAppendFields(request);
  if (!options.ok()) return Refusal(InvalidHeader(options.status()));
  header.options = std::move(*options);
  const std::string content_type = request.HeaderList("content-type");
  const std::optional<Form> form = FormOf(MediaTypeOf(content_type));
  if (!form) return Refusal(UnsupportedType(content_type, request.path()));
  header.form = *form;
  if (std::optional<Problem> problem = ParseQuery(*query, header))
    return Refusal(std::move(*problem));
  return std::make_unique<AppendSink>(*this, std::move(header), std::move(held));
}

}  // namespace

void AddAppendRoute(http::Router& router, log::LogStore& store, const ApiLimits& limits) {
  const auto appender = std::make_shared<const Appender>(store, limits);
  router.AddUpload(http::Method::Post, "/v1/logs/{log}/records",
                   [appender](http::Request& request, http::BodyShare held) {
                     return appender->Begin(request, std::move(held));
                   });
}

}  // namespace daybook::api
