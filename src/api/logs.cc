#include "api/logs.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/request_body.h"
#include "api/status_map.h"
#include "base/json_text.h"
#include "base/units.h"

namespace daybook::api {
namespace {

using http::Code;

// Follows a small document, all of whose members it knows.
class MemberVisitor : public TypedJsonVisitor {
 public:
  std::string Key(std::string_view name) override {
    member_.resize(object_bytes_);
    member_.append(name);
    return {};
  }

 protected:
  // `member` with those that it is in, as in "retention.max_age"; what is against its value.
  virtual std::string OnMember(std::string_view member, std::string_view type,
                               std::string_view text) = 0;

 private:
  std::string Scalar(std::string_view type, std::string_view text) override {
    if (!member_.empty()) return OnMember(member_, type, text);
    if (type == "an object") return {};
    return "the body is " + std::string(type) + ", not an object";
  }
  // An array is never taken.
  std::string Begin(std::string_view type) override {
    std::string objection = Scalar(type, {});
    if (!member_.empty()) member_.push_back('.');
    object_bytes_ = member_.size();
    return objection;
  }
  std::string End() override {
    member_.resize(object_bytes_ == 0 ? 0 : object_bytes_ - 1);
    const std::size_t dot = member_.rfind('.');
    object_bytes_ = dot == std::string::npos ? 0 : dot + 1;
    return {};
  }

  std::string member_;
  std::size_t object_bytes_ = 0;  // of the name, that the object which is open has
};

std::string Unknown(std::string_view member) {
  return "the member " + std::string(member) + " is not known";
}

class SettingsVisitor : public MemberVisitor {
 public:
  log::RetentionChange change;

 private:
  std::string OnMember(std::string_view member, std::string_view type,
                       std::string_view text) override {
    if (member == "retention") {
      if (type == "an object") return {};
      return "the member retention is " + std::string(type) + ", not an object";
    }
    if (member == "retention.max_age") {
      change.max_age.emplace();
      if (type == "null") return {};
      *change.max_age = type == "a string" ? ParseDuration(text) : std::nullopt;
      if (*change.max_age && change.max_age->value().count() > 0) return {};
      return "the member retention.max_age is no duration such as \"30m\", \"12h\" or \"7d\"";
    }
    if (member == "retention.max_bytes") {
      change.max_bytes.emplace();
      if (type == "null") return {};
      if (type == "a string" || type == "a number") *change.max_bytes = ParseSize(text);
      if (*change.max_bytes && change.max_bytes->value() > 0) return {};
      return "the member retention.max_bytes is no size such as 1048576, \"512Mi\" or \"10Gi\"";
    }
    return Unknown(member);
  }
};

class TrimVisitor : public MemberVisitor {
 public:
  std::optional<std::uint64_t> before;

 private:
  std::string OnMember(std::string_view member, std::string_view type,
                       std::string_view text) override {
    if (member != "before") return Unknown(member);
    before = type == "a number" ? ParseNumber(text) : std::nullopt;
    if (before) return {};
    return "the member before is not a whole number from 0 to 18446744073709551615";
  }
};

// Weak, for it stands for a state of the log rather than for these bytes.
std::string EntityTag(const log::LogInfo& info) {
  std::string tag = "W/\"" + info.id.ToString();
  tag.append("-").append(std::to_string(info.first_offset.value));
  tag.append("-").append(std::to_string(info.next_offset.value));
  const auto& [max_age, max_bytes] = info.retention;
  tag.append("-").append(max_age ? FormatDuration(*max_age) : "");
  tag.append("-").append(max_bytes ? FormatSize(*max_bytes) : "");
  return tag.append("\"");
}

struct Description {
  log::Log& log;
  const std::string name;
  log::LogInfo info;
  std::optional<Timestamp> first_timestamp;
  std::optional<Timestamp> last_timestamp;
};

http::Response AnswerOf(const Description& description) {
  const log::LogInfo& info = description.info;
  http::Response response;
  response.fields = "Content-Type: application/json\r\nCache-Control: private, no-cache\r\n";
  response.AddField("ETag", EntityTag(info));
  std::string& body = response.body;
  body = R"({"name":)";
  AppendJsonString(body, description.name);
  AppendJsonMember(body, "id", info.id.ToString());
  AppendJsonMember(body, "created", info.created);
  AppendJsonMember(body, "first_offset", info.first_offset.value);
  AppendJsonMember(body, "next_offset", info.next_offset.value);
  AppendJsonMember(body, "records", info.next_offset - info.first_offset);
  AppendJsonMember(body, "bytes", info.bytes);
  if (description.first_timestamp)
    AppendJsonMember(body, "first_timestamp", *description.first_timestamp);
  if (description.last_timestamp)
    AppendJsonMember(body, "last_timestamp", *description.last_timestamp);
  body.append(R"(,"retention":{)");
  std::string bounds;
  if (info.retention.max_age)
    AppendJsonMember(bounds, "max_age", FormatDuration(*info.retention.max_age));
  if (info.retention.max_bytes)
    AppendJsonMember(bounds, "max_bytes", FormatSize(*info.retention.max_bytes));
  body.append(bounds, std::min<std::size_t>(bounds.size(), 1))
      .append(R"(},"idempotency":{"window":)");
  AppendJsonString(body, FormatDuration(info.idempotency.window));
  AppendJsonMember(body, "keys", info.idempotency.keys_max);
  body.append("}}\n");
  return response;
}

// What the record at `offset` tells; nothing where it is gone meanwhile, or cannot be read.
void ReadTimestamp(log::Log& log, Offset offset,
                   UniqueFunction<void(std::optional<Timestamp>)> done) {
  log.Read(offset, log::ReadLimits{},
           [done = std::move(done)](const Result<log::Page>& page) mutable {
             if (!page.ok() || page->records.empty()) return done(std::nullopt);
             done(page->records.front().timestamp);
           });
}

using DescriptionDone = UniqueFunction<void(const Description&)>;

// Of the log that `info` tells of.
void Describe(log::Log& log, std::string name, const log::LogInfo& info, DescriptionDone done) {
  Description known{log, std::move(name), info, {}, {}};
  if (info.first_offset == info.next_offset) return done(known);
  ReadTimestamp(
      log, info.first_offset,
      [known = std::move(known), done = std::move(done)](std::optional<Timestamp> first) mutable {
        known.first_timestamp = first;
        const Offset last(known.info.next_offset.value - 1);
        log::Log& of = known.log;
        ReadTimestamp(of, last,
                      [known = std::move(known),
                       done = std::move(done)](std::optional<Timestamp> timestamp) mutable {
                        known.last_timestamp = timestamp;
                        done(known);
                      });
      });
}

Problem InvalidBody(const Status& status) {
  return {Code::Bad_Request, "invalid-body", status.message()};
}

// What an engine says of a trim: an offset behind the end is the body's fault there.
Problem TrimProblemOf(const Status& status) {
  if (status.code() != StatusCode::kBeyondEnd) return ProblemOf(status);
  return InvalidBody(status).Member("next_offset", status.offset().value_or(Offset()).value);
}

class Logs {
 public:
  explicit Logs(log::LogStore& store) : store_(store) {}

  void Get(http::Request& request, http::Responder responder) const {
    const std::string condition = request.HeaderList("if-none-match");
    WithLog(request, std::move(responder),
            [condition](log::Log& log, std::string name, http::Responder answer) {
              log.Info([&log, name = std::move(name), condition,
                        answer = std::move(answer)](const Result<log::LogInfo>& info) mutable {
                if (info.ok() && !condition.empty() && MatchesWeakly(condition, EntityTag(*info)))
                  return std::move(answer).Send(NotModified(*info));
                Send(log, std::move(name), info, ProblemOf, std::move(answer));
              });
            });
  }

  void Put(http::Request& request, http::Responder responder) const {
    if (request.HeaderList("if-none-match") == "*") {
      return std::move(responder).Send(
          Problem(Code::Precondition_Failed, "precondition-failed", "the log is there already")
              .ToResponse());
    }
    Change(request, std::move(responder), true, ParseLogSettings, ProblemOf,
           [](log::Log& log, const log::RetentionChange& change, log::InfoDone done) {
             log.Configure(change, std::move(done));
           });
  }

  void Trim(http::Request& request, http::Responder responder) const {
    Change(request, std::move(responder), false, ParseTrim, TrimProblemOf,
           [](log::Log& log, Offset before, log::InfoDone done) {
             log.Trim(before, std::move(done));
           });
  }

 private:
  static http::Response NotModified(const log::LogInfo& info) {
    http::Response response;
    response.code = Code::Not_Modified;
    response.fields = "Cache-Control: private, no-cache\r\n";
    response.AddField("ETag", EntityTag(info));
    return response;
  }

  static void Send(log::Log& log, std::string name, const Result<log::LogInfo>& info,
                   Problem (*problem)(const Status&), http::Responder responder) {
    if (!info.ok()) return std::move(responder).Send(problem(info.status()).ToResponse());
    Describe(log, std::move(name), *info,
             [responder = std::move(responder)](const Description& description) mutable {
               std::move(responder).Send(AnswerOf(description));
             });
  }

  // `use` gets the log that the path names, unless there is none or the query asks for something.
  template <typename Use>
  void WithLog(const http::Request& request, http::Responder responder, Use use) const {
    if (const Status query = NoParameters(request); !query.ok())
      return std::move(responder).Send(InvalidParameter(query.message()).ToResponse());
    std::string name(request.Parameter("log"));
    log::Log* const log = store_.Find(name);
    if (log != nullptr) return use(*log, std::move(name), std::move(responder));
    std::move(responder).Send(NoSuchLog(name).ToResponse());
  }

  template <typename Parsed, typename Apply>
  void Change(http::Request& request, http::Responder responder, bool may_be_empty,
              Result<Parsed> (*parse)(std::string&), Problem (*problem)(const Status&),
              Apply apply) const {
    WithLog(request, std::move(responder),
            [&](log::Log& log, std::string name, http::Responder answer) {
              const bool empty = may_be_empty && request.body().empty();
              if (std::optional<http::Response> refusal =
                      empty ? std::nullopt : RefuseUnlessJson(request))
                return std::move(answer).Send(std::move(*refusal));
              const Result<Parsed> parsed = parse(request.mutable_body());
              if (!parsed.ok())
                return std::move(answer).Send(InvalidBody(parsed.status()).ToResponse());
              apply(log, *parsed,
                    [&log, name = std::move(name), problem,
                     answer = std::move(answer)](const Result<log::LogInfo>& info) mutable {
                      Send(log, std::move(name), info, problem, std::move(answer));
                    });
            });
  }

  log::LogStore& store_;
};

}  // namespace

Result<log::RetentionChange> ParseLogSettings(std::string& body) {
  SettingsVisitor visitor;
  if (body.empty()) return visitor.change;
  if (Status status = ParseJson(body, visitor); !status.ok()) return status;
  return visitor.change;
}

Result<Offset> ParseTrim(std::string& body) {
  TrimVisitor visitor;
  if (Status status = ParseJson(body, visitor); !status.ok()) return status;
  if (visitor.before) return Offset(*visitor.before);
  return Status(StatusCode::kInvalidArgument,
                R"(the member before is missing; send {"before":N}, the first offset to be kept)");
}

void AddLogRoutes(http::Router& router, log::LogStore& store) {
  const auto logs = std::make_shared<const Logs>(store);
  const auto add = [&](http::Method method, std::string_view pattern, auto handle) {
    router.Add(method, pattern, [logs, handle](http::Request& request, http::Responder responder) {
      ((*logs).*handle)(request, std::move(responder));
    });
  };
  add(http::Method::Get, "/v1/logs/{log}", &Logs::Get);
  add(http::Method::Put, "/v1/logs/{log}", &Logs::Put);
  add(http::Method::Post, "/v1/logs/{log}/trim", &Logs::Trim);
}

}  // namespace daybook::api
