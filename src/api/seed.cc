#include "api/seed.h"

#include <memory>
#include <optional>
#include <utility>

#include "api/append_fields.h"
#include "api/json.h"
#include "api/landing.h"
#include "api/member_routes.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/request_body.h"
#include "api/status_map.h"
#include "base/base64.h"
#include "base/json_text.h"
#include "base/units.h"

namespace daybook::api {
namespace {

using http::Code;
using LogHandle = std::shared_ptr<log::Log>;

constexpr std::string_view kInsteadOfBody =
    R"(send {"offset":N} as the body or ask for /?offset=N)";

std::optional<Offset> ParseOffset(std::string_view text) {
  const std::optional<std::uint64_t> number = ParseNumber(text);
  return number ? std::optional(Offset(*number)) : std::nullopt;
}

// Follows a document of which only some members matter; those that do not may hold anything.
class SeedVisitor : public TypedJsonVisitor {
 public:
  std::string Key(std::string_view name) override {
    if (depth_ == 1) top_ = name;
    if (depth_ <= 2) member_ = name;
    return {};
  }

 protected:
  // What is expected of the element that begins now, in an object at `depth` levels.
  virtual std::string OnElement(std::string_view type, std::string_view text) = 0;

  int depth() const { return depth_; }
  std::string_view top() const { return top_; }        // the member of the document that this is in
  std::string_view member() const { return member_; }  // the member that this is the value of

 private:
  std::string Scalar(std::string_view type, std::string_view text) override {
    if (depth_ == 0) return "the body is " + std::string(type) + ", not an object";
    return OnElement(type, text);
  }
  std::string Begin(std::string_view type) override {
    if (depth_ == 0 && type != "an object")
      return "the body is " + std::string(type) + ", not an object";
    std::string objection = depth_ == 0 ? std::string() : OnElement(type, {});
    ++depth_;
    return objection;
  }
  std::string End() override {
    --depth_;
    return {};
  }

  int depth_ = 0;
  std::string_view top_;
  std::string_view member_;
};

class AppendVisitor : public SeedVisitor {
 public:
  bool has_record = false;
  std::string_view value;

 private:
  std::string OnElement(std::string_view type, std::string_view text) override {
    if (depth() == 1 && top() == "record") {
      has_record = true;
      if (type != "an object")
        return "the member record is " + std::string(type) + ", not an object";
    } else if (depth() == 2 && top() == "record" && member() == "value") {
      if (type != "a string")
        return "the member record.value is " + std::string(type) + ", not a string of base64";
      value = text;
    }
    return {};
  }
};

class ReadVisitor : public SeedVisitor {
 public:
  Offset offset;

 private:
  std::string OnElement(std::string_view type, std::string_view text) override {
    if (depth() != 1 || top() != "offset") return {};
    const std::optional<Offset> parsed = type == "a number" ? ParseOffset(text) : std::nullopt;
    if (!parsed) return "the member offset is not a whole number from 0 to 18446744073709551615";
    offset = *parsed;
    return {};
  }
};

http::Response ReadAnswer(const Result<log::Page>& page, Offset offset) {
  if (page.ok() && !page->records.empty()) {
    const log::RecordView& record = page->records.front();
    std::string body;
    body.reserve(record.value.size() / 3 * 4 + 64);
    body.append(R"({"record":{"value":")");
    AppendBase64(body, record.value);
    body.append(R"(","offset":)");
    AppendJsonNumber(body, record.offset.value);
    body.append("}}\n");
    return JsonAnswer(Code::Ok, std::move(body));
  }
  return RecordProblemOf(page, offset).ToResponse();
}

class Seed {
 public:
  Seed(log::LogStore& store, const ApiLimits& limits) : store_(store), limits_(limits) {}

  void Append(http::Request& request, http::Responder responder) const {
    const auto refuse = [&](const Status& status) {
      Refuse(AppendProblemOf(status), std::move(responder));
    };
    if (auto refusal = RefuseCoding(request))
      return std::move(responder).Send(refusal->Member("outcome", kNotAppended).ToResponse());
    if (const Status query = NoParameters(request); !query.ok()) {
      return std::move(responder).Send(
          InvalidParameter(query.message()).Member("outcome", kNotAppended).ToResponse());
    }
    Result<std::string> value = ParseSeedAppend(request.mutable_body());
    if (!value.ok()) return refuse(value.status());
    const std::size_t bytes_max = limits_.Within(store_.append_limits()).record.value_bytes_max;
    if (value->size() > bytes_max) {
      return refuse({StatusCode::kTooLarge, "the record's value has " +
                                                std::to_string(value->size()) + " bytes; at most " +
                                                std::to_string(bytes_max) + " are taken"});
    }
    log::Batch batch(1);
    batch.front().value = std::move(*value);
    store_.Find(log::kDefaultLog,
                [this, batch = std::move(batch),
                 responder = std::move(responder)](Result<LogHandle> log) mutable {
                  if (!log.ok()) {
                    return Refuse(AppendProblemOf(log.status()), std::move(responder));
                  }
                  Append(*std::move(log), std::move(batch), std::move(responder));
                });
  }

  void Read(http::Request& request, http::Responder responder) const {
    const auto refusal = request.body().empty() ? std::nullopt : RefuseCoding(request);
    if (refusal) return std::move(responder).Send(refusal->ToResponse());
    Result<Query> query = Query::Parse(request.query());
    const std::optional<std::string> parameter = query.ok() ? query->Take("offset") : std::nullopt;
    if (const Status status = query.ok() ? query->Rest() : query.status(); !status.ok())
      return std::move(responder).Send(InvalidParameter(status.message()).ToResponse());
    if (!parameter && request.body().empty())
      return std::move(responder).Send(NothingAsked(request));
    const Result<Offset> offset = OffsetOf(parameter, request.mutable_body());
    if (!offset.ok()) {
      const std::string_view kind = parameter ? "invalid-parameter" : "invalid-body";
      return std::move(responder).Send(
          Problem(Code::Bad_Request, kind, offset.status().message()).ToResponse());
    }
    store_.Find(log::kDefaultLog, [offset = *offset, responder = std::move(responder)](
                                      const Result<LogHandle>& log) mutable {
      if (!log.ok()) return Refuse(ProblemOf(log.status()), std::move(responder));
      Read(*log, offset, std::move(responder));
    });
  }

 private:
  void Append(LogHandle log, log::Batch batch, http::Responder responder) const {
    log::Log& to = *log;
    to.Append(std::move(batch), [this, log = std::move(log), responder = std::move(responder)](
                                    const Result<log::Appended>& appended) mutable {
      std::move(responder).Send(AppendAnswer(appended));
    });
  }

  static void Read(const LogHandle& log, Offset offset, http::Responder responder) {
    log->Read(
        offset, log::ReadLimits{},
        [log, offset, responder = std::move(responder)](const Result<log::Page>& page) mutable {
          std::move(responder).Send(ReadAnswer(page, offset));
        });
  }

  static Result<Offset> OffsetOf(const std::optional<std::string>& parameter, std::string& body) {
    if (!parameter) return ParseSeedRead(body);
    if (!body.empty()) {
      return Status(
          StatusCode::kInvalidArgument,
          "there are both a body and the query parameter 'offset'; " + std::string(kInsteadOfBody));
    }
    const std::optional<Offset> offset = ParseOffset(*parameter);
    if (offset) return *offset;
    return Status(
        StatusCode::kInvalidArgument,
        "the query parameter 'offset' is not a whole number from 0 to 18446744073709551615");
  }

  static http::Response NothingAsked(const http::Request& request) {
    if (TakesHtml(request)) return LandingPage();
    return Problem(Code::Bad_Request, "invalid-body",
                   "no offset was asked for; " + std::string(kInsteadOfBody))
        .ToResponse();
  }

  http::Response AppendAnswer(const Result<log::Appended>& appended) const {
    if (!appended.ok()) return AppendProblemOf(appended.status()).ToResponse();
    http::Response response;
    response.fields = AppendedFields(store_);
    response.body = R"({"offset":)";
    AppendJsonNumber(response.body, appended->first_offset.value);
    response.body.append("}\n");
    return response;
  }

  log::LogStore& store_;
  const ApiLimits limits_;
};

}  // namespace

Result<std::string> ParseSeedAppend(std::string& body) {
  AppendVisitor visitor;
  if (Status status = ParseJson(body, visitor); !status.ok()) return status;
  if (!visitor.has_record) {
    return Status(StatusCode::kInvalidArgument,
                  R"(the member record is missing; send {"record":{"value":"<base64>"}})");
  }
  Result<std::string> value = Base64Decode(visitor.value);
  if (value.ok()) return value;
  return Status(StatusCode::kInvalidArgument,
                "the member record.value is " + value.status().message());
}

Result<Offset> ParseSeedRead(std::string& body) {
  ReadVisitor visitor;
  if (Status status = ParseJson(body, visitor); !status.ok()) return status;
  return visitor.offset;
}

void AddSeedRoutes(http::Router& router, log::LogStore& store, const ApiLimits& limits) {
  MemberRoutes<Seed>(router, std::make_shared<const Seed>(store, limits))
      .Add(http::Method::Post, "/", &Seed::Append)
      .Add(http::Method::Get, "/", &Seed::Read);
}

}  // namespace daybook::api
