#include "api/log_request.h"

#include "api/names.h"
#include "api/status_map.h"

namespace daybook::api {

Status TakeLogId(Query& query, std::optional<log::LogId>& id) {
  const std::optional<std::string> text = query.Take("log_id");
  if (!text) return {};
  id = log::LogId::Parse(*text);
  if (id) return {};
  return {
      StatusCode::kInvalidArgument,
      "the query parameter 'log_id' is not a log's id, as Log-Id and GET /v1/logs/{log} say it"};
}

Result<LogName> LogNameOf(const http::Request& request, std::optional<log::LogId> id) {
  const std::string_view name = request.Parameter("log");
  if (IsName(name)) return LogName{std::string(name), id};
  return Status(StatusCode::kInvalidArgument,
                "the path names no log: a log's name is " + std::string(kNameRule));
}

Result<LogName> ParseLogRequest(const http::Request& request) {
  Result<Query> query = Query::Parse(request.query());
  if (!query.ok()) return query.status();
  std::optional<log::LogId> id;
  if (Status status = TakeLogId(*query, id); !status.ok()) return status;
  if (Status status = query->Rest(); !status.ok()) return status;
  return LogNameOf(request, id);
}

FoundLog FoundLogOf(const LogName& name, Result<std::shared_ptr<log::Log>> found) {
  if (found.status().code() == StatusCode::kNotFound) return NoSuchLog(name.name);
  if (!found.ok()) return ProblemOf(found.status());
  const log::LogId& present = (*found)->id();
  if (name.id.value_or(present) == present) return *std::move(found);
  return Problem(http::Code::Conflict, "other-log",
                 "the log '" + name.name + "' is not the one with the id " + name.id->ToString() +
                     "; most likely that was deleted, and this one made later")
      .Member("id", present.ToString());
}

void FindLog(log::LogStore& store, LogName name, UniqueFunction<void(FoundLog)> done) {
  const std::string looked_for = name.name;
  store.Find(looked_for, [name = std::move(name),
                          done = std::move(done)](Result<std::shared_ptr<log::Log>> found) mutable {
    done(FoundLogOf(name, std::move(found)));
  });
}

http::Response WithLogId(http::Response response, const log::Log& log) {
  response.AddField("Log-Id", log.id().ToString());
  return response;
}

}  // namespace daybook::api
