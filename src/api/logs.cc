#include "api/logs.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/log_body.h"
#include "api/log_description.h"
#include "api/log_request.h"
#include "api/member_routes.h"
#include "api/preconditions.h"
#include "api/problem.h"
#include "api/request_body.h"
#include "api/status_map.h"

namespace daybook::api {
namespace {

using http::Code;
using LogHandle = std::shared_ptr<log::Log>;

Problem AlreadyThere() {
  return {Code::Precondition_Failed, "precondition-failed", "the log is there already"};
}

http::Response AnswerOf(Code code, const LogDescription& description) {
  http::Response response;
  response.code = code;
  response.fields = "Content-Type: application/json\r\nCache-Control: private, no-cache\r\n";
  response.AddField("ETag", LogTag(description.info));
  if (code == Code::Created) response.AddField("Location", "/v1/logs/" + description.name);
  AppendDescription(response.body, description);
  response.body.push_back('\n');
  return response;
}

http::Response NotModified(const log::LogInfo& info) {
  http::Response response;
  response.code = Code::Not_Modified;
  response.fields = "Cache-Control: private, no-cache\r\n";
  response.AddField("ETag", LogTag(info));
  return response;
}

// Answers with the log, of which `info` was told.
void SendLog(LogHandle log, Code code, const Result<log::LogInfo>& info,
             http::Responder responder) {
  Describe(std::move(log), info,
           [code, responder = std::move(responder)](Result<LogDescription> description) mutable {
             if (!description.ok())
               return Refuse(ProblemOf(description.status()), std::move(responder));
             std::move(responder).Send(AnswerOf(code, *description));
           });
}

// What a PUT asks for.
struct Wanted {
  LogName name;
  bool only_makes = false;
  log::RetentionChange change;
};

class Logs {
 public:
  explicit Logs(log::LogStore& store) : store_(store) {}

  void Get(http::Request& request, http::Responder responder) const {
    Result<LogName> name = ParseLogRequest(request);
    if (!name.ok()) return Refuse(InvalidParameter(name.status().message()), std::move(responder));
    WithLog(
        store_, *std::move(name), std::move(responder),
        [condition = request.HeaderList("if-none-match")](LogHandle log, http::Responder answer) {
          log::Log& asked = *log;
          asked.Info([log = std::move(log), condition,
                      answer = std::move(answer)](const Result<log::LogInfo>& info) mutable {
            if (info.ok() && !condition.empty() && MatchesWeakly(condition, LogTag(*info)))
              return std::move(answer).Send(NotModified(*info));
            SendLog(std::move(log), Code::Ok, info, std::move(answer));
          });
        });
  }

  void Put(http::Request& request, http::Responder responder) const {
    Wanted wanted;
    if (auto refusal = ParsePut(request, wanted))
      return std::move(responder).Send(std::move(*refusal));
    // One that has an id is there, or is not to be made.
    if (!wanted.name.id) return MakeOrChange(store_, std::move(wanted), std::move(responder));
    LogName name = wanted.name;
    WithLog(store_, std::move(name), std::move(responder),
            [wanted = std::move(wanted)](LogHandle log, http::Responder answer) {
              if (wanted.only_makes) return Refuse(AlreadyThere(), std::move(answer));
              log::Log& changed = *log;
              changed.Configure(wanted.change, [log = std::move(log), answer = std::move(answer)](
                                                   const Result<log::LogInfo>& info) mutable {
                SendLog(std::move(log), Code::Ok, info, std::move(answer));
              });
            });
  }

  void Delete(http::Request& request, http::Responder responder) const {
    Result<LogName> name = ParseLogRequest(request);
    if (!name.ok()) return Refuse(InvalidParameter(name.status().message()), std::move(responder));
    const Result<bool> only_makes = ParseOnlyMakes(request);
    if (!only_makes.ok()) return Refuse(InvalidHeader(only_makes.status()), std::move(responder));
    WithLog(store_, *std::move(name), std::move(responder),
            [this, only_makes = *only_makes](LogHandle log, http::Responder answer) {
              if (only_makes) return Refuse(AlreadyThere(), std::move(answer));
              if (log->name() == log::kDefaultLog) {
                return Refuse({Code::Conflict, "default-log",
                               "the log 'default' always exists; POST /v1/logs/default/trim takes "
                               "its records away"},
                              std::move(answer));
              }
              store_.Delete(std::move(log),
                            [answer = std::move(answer)](const Status& status) mutable {
                              if (!status.ok()) return Refuse(ProblemOf(status), std::move(answer));
                              std::move(answer).Send(http::Response{Code::No_Content, {}, {}});
                            });
            });
  }

  void Trim(http::Request& request, http::Responder responder) const {
    Result<LogName> name = ParseLogRequest(request);
    if (!name.ok()) return Refuse(InvalidParameter(name.status().message()), std::move(responder));
    if (auto refusal = RefuseUnlessJson(request))
      return std::move(responder).Send(std::move(*refusal));
    const Result<Offset> before = ParseTrim(request.mutable_body());
    if (!before.ok()) return Refuse(InvalidBody(before.status()), std::move(responder));
    WithLog(store_, *std::move(name), std::move(responder),
            [before = *before](LogHandle log, http::Responder answer) {
              log::Log& trimmed = *log;
              trimmed.Trim(before, [log = std::move(log), answer = std::move(answer)](
                                       const Result<log::LogInfo>& info) mutable {
                if (!info.ok())
                  return Refuse(BodyOffsetProblemOf(info.status()), std::move(answer));
                SendLog(std::move(log), Code::Ok, info, std::move(answer));
              });
            });
  }

 private:
  static std::optional<http::Response> ParsePut(http::Request& request, Wanted& wanted) {
    Result<LogName> name = ParseLogRequest(request);
    if (!name.ok()) return InvalidParameter(name.status().message()).ToResponse();
    wanted.name = *std::move(name);
    const Result<bool> only_makes = ParseOnlyMakes(request);
    if (!only_makes.ok()) return InvalidHeader(only_makes.status()).ToResponse();
    wanted.only_makes = *only_makes;
    if (request.body().empty()) return std::nullopt;
    if (auto refusal = RefuseUnlessJson(request)) return refusal;
    const Result<log::RetentionChange> change = ParseLogSettings(request.mutable_body());
    if (!change.ok()) return InvalidBody(change.status()).ToResponse();
    wanted.change = *change;
    return std::nullopt;
  }

  // Begins anew where the log is deleted before it is told of.
  static void MakeOrChange(log::LogStore& store, Wanted wanted, http::Responder responder) {
    const std::string name = wanted.name.name;
    const log::Retention retention = wanted.change.ApplyTo({});
    store.Create(
        name, retention,
        [&store, wanted = std::move(wanted),
         responder = std::move(responder)](Result<log::Created> created) mutable {
          if (!created.ok()) return Refuse(ProblemOf(created.status()), std::move(responder));
          if (!created->made && wanted.only_makes)
            return Refuse(AlreadyThere(), std::move(responder));
          const bool made = created->made;
          const log::RetentionChange change = wanted.change;
          log::Log& log = *created->log;
          auto tell = [&store, made, log = std::move(created->log), wanted = std::move(wanted),
                       responder = std::move(responder)](const Result<log::LogInfo>& info) mutable {
            if (info.status().code() == StatusCode::kLogDeleted)
              return MakeOrChange(store, std::move(wanted), std::move(responder));
            SendLog(std::move(log), made ? Code::Created : Code::Ok, info, std::move(responder));
          };
          if (made) return log.Info(std::move(tell));
          log.Configure(change, std::move(tell));
        });
  }

  log::LogStore& store_;
};

}  // namespace

void AddLogRoutes(http::Router& router, log::LogStore& store) {
  MemberRoutes<Logs>(router, std::make_shared<const Logs>(store))
      .Add(http::Method::Get, "/v1/logs/{log}", &Logs::Get)
      .Add(http::Method::Put, "/v1/logs/{log}", &Logs::Put)
      .Add(http::Method::Delete, "/v1/logs/{log}", &Logs::Delete)
      .Add(http::Method::Post, "/v1/logs/{log}/trim", &Logs::Trim);
}

}  // namespace daybook::api
