#include "api/cursors.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/log_body.h"
#include "api/log_request.h"
#include "api/member_routes.h"
#include "api/names.h"
#include "api/preconditions.h"
#include "api/problem.h"
#include "api/request_body.h"
#include "api/status_map.h"
#include "base/json_text.h"

namespace daybook::api {
namespace {

using http::Code;
using LogHandle = std::shared_ptr<log::Log>;

Problem CursorProblemOf(const Status& status) {
  if (status.code() == StatusCode::kNotFound)
    return {Code::Not_Found, "no-such-cursor", status.message()};
  if (status.code() == StatusCode::kConditionFailed)
    return {Code::Precondition_Failed, "precondition-failed", status.message()};
  return BodyOffsetProblemOf(status);
}

// `next_offset` is the log's end, as it was before the cursor was read: no lag is less than 0.
void AppendCursor(std::string& body, const log::Cursor& cursor, Offset next_offset) {
  body.append(R"({"name":)");
  AppendJsonString(body, cursor.name);
  AppendJsonMember(body, "offset", cursor.offset.value);
  AppendJsonMember(body, "revision", cursor.revision);
  AppendJsonMember(body, "lag", std::max(next_offset, cursor.offset) - cursor.offset);
  AppendJsonMember(body, "next_offset", std::max(next_offset, cursor.offset).value);
  body.push_back('}');
}

http::Response CursorAnswer(Code code, const log::Cursor& cursor, const log::LogInfo& info) {
  std::string body;
  AppendCursor(body, cursor, info.next_offset);
  http::Response response = JsonAnswer(code, body + "\n");
  response.AddField("ETag", CursorTag(cursor));
  return response;
}

// Which log and cursor a request is for.
struct CursorName {
  LogName log;
  std::string name;
};

Result<CursorName> ParseCursorRequest(const http::Request& request) {
  Result<LogName> log = ParseLogRequest(request);
  if (!log.ok()) return log.status();
  const std::string_view name = request.Parameter("cursor");
  if (IsName(name)) return CursorName{*std::move(log), std::string(name)};
  return Status(StatusCode::kInvalidArgument,
                "the path names no cursor: a cursor's name is " + std::string(kNameRule));
}

class Cursors {
 public:
  explicit Cursors(log::LogStore& store) : store_(store) {}

  void List(http::Request& request, http::Responder responder) const {
    Result<LogName> name = ParseLogRequest(request);
    if (!name.ok()) return Refuse(InvalidParameter(name.status().message()), std::move(responder));
    WithEnd(*std::move(name), std::move(responder),
            [](const LogHandle& log, const log::LogInfo& info, http::Responder answer) {
              log->Cursors([log, info, answer = std::move(answer)](
                               const Result<std::vector<log::Cursor>>& cursors) mutable {
                if (!cursors.ok())
                  return Refuse(CursorProblemOf(cursors.status()), std::move(answer));
                std::move(answer).Send(ListAnswer(*cursors, info));
              });
            });
  }

  void Get(http::Request& request, http::Responder responder) const {
    Result<CursorName> name = ParseCursorRequest(request);
    if (!name.ok()) return Refuse(InvalidParameter(name.status().message()), std::move(responder));
    WithEnd(std::move(name->log), std::move(responder),
            [name = std::move(name->name)](const LogHandle& log, const log::LogInfo& info,
                                           http::Responder answer) {
              log->GetCursor(name, [log, info, answer = std::move(answer)](
                                       const Result<log::Cursor>& cursor) mutable {
                if (!cursor.ok())
                  return Refuse(CursorProblemOf(cursor.status()), std::move(answer));
                std::move(answer).Send(CursorAnswer(Code::Ok, *cursor, info));
              });
            });
  }

  void Put(http::Request& request, http::Responder responder) const {
    Result<CursorName> name = ParseCursorRequest(request);
    if (!name.ok()) return Refuse(InvalidParameter(name.status().message()), std::move(responder));
    const Result<log::CursorCondition> condition = ParseCursorCondition(request);
    if (!condition.ok()) return Refuse(InvalidHeader(condition.status()), std::move(responder));
    if (auto refusal = RefuseUnlessJson(request))
      return std::move(responder).Send(std::move(*refusal));
    const Result<Offset> offset = ParseCursor(request.mutable_body());
    if (!offset.ok()) return Refuse(InvalidBody(offset.status()), std::move(responder));
    WithEnd(std::move(name->log), std::move(responder),
            [name = std::move(name->name), offset = *offset, condition = *condition](
                const LogHandle& log, const log::LogInfo& info, http::Responder answer) mutable {
              const std::string location = "/v1/logs/" + log->name() + "/cursors/" + name;
              log->PutCursor(std::move(name), offset, condition,
                             [log, info, location, answer = std::move(answer)](
                                 const Result<log::CursorPut>& put) mutable {
                               if (!put.ok())
                                 return Refuse(CursorProblemOf(put.status()), std::move(answer));
                               http::Response response = CursorAnswer(
                                   put->made ? Code::Created : Code::Ok, put->cursor, info);
                               if (put->made) response.AddField("Location", location);
                               std::move(answer).Send(std::move(response));
                             });
            });
  }

  void Delete(http::Request& request, http::Responder responder) const {
    Result<CursorName> name = ParseCursorRequest(request);
    if (!name.ok()) return Refuse(InvalidParameter(name.status().message()), std::move(responder));
    const Result<log::CursorCondition> condition = ParseCursorCondition(request);
    if (!condition.ok()) return Refuse(InvalidHeader(condition.status()), std::move(responder));
    WithLog(store_, std::move(name->log), std::move(responder),
            [name = std::move(name->name), condition = *condition](const LogHandle& log,
                                                                   http::Responder answer) {
              log->DeleteCursor(name, condition,
                                [log, answer = std::move(answer)](const Status& status) mutable {
                                  if (!status.ok())
                                    return Refuse(CursorProblemOf(status), std::move(answer));
                                  std::move(answer).Send(http::Response{Code::No_Content, {}, {}});
                                });
            });
  }

 private:
  static http::Response ListAnswer(const std::vector<log::Cursor>& cursors,
                                   const log::LogInfo& info) {
    std::string body = R"({"cursors":[)";
    for (const log::Cursor& cursor : cursors) {
      if (body.back() != '[') body.push_back(',');
      AppendCursor(body, cursor, info.next_offset);
    }
    body.append("]}\n");
    return JsonAnswer(Code::Ok, std::move(body));
  }

  // Where the log ends is asked before anything is changed, so that a change that was made is never
  // answered with an error because that cannot be told.
  template <typename Use>
  void WithEnd(LogName name, http::Responder responder, Use use) const {
    WithLog(store_, std::move(name), std::move(responder),
            [use = std::move(use)](LogHandle log, http::Responder answer) mutable {
              log::Log& asked = *log;
              asked.Info([log = std::move(log), use = std::move(use),
                          answer = std::move(answer)](const Result<log::LogInfo>& info) mutable {
                if (!info.ok()) return Refuse(ProblemOf(info.status()), std::move(answer));
                use(log, *info, std::move(answer));
              });
            });
  }

  log::LogStore& store_;
};

}  // namespace

void AddCursorRoutes(http::Router& router, log::LogStore& store) {
  constexpr const char* kCursor = "/v1/logs/{log}/cursors/{cursor}";
  MemberRoutes<Cursors>(router, std::make_shared<const Cursors>(store))
      .Add(http::Method::Get, "/v1/logs/{log}/cursors", &Cursors::List)
      .Add(http::Method::Get, kCursor, &Cursors::Get)
      .Add(http::Method::Put, kCursor, &Cursors::Put)
      .Add(http::Method::Delete, kCursor, &Cursors::Delete);
}

}  // namespace daybook::api
