// Which log a request is for: the one that its path names, and, where the query has a `log_id`, no
// other that has come to that name.
//
// What was checked and what is then used is one handle, so nothing can come in between: a log that
// is deleted meanwhile, and made again, is another handle.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "api/problem.h"
#include "api/query.h"
#include "api/request_body.h"
#include "base/status.h"
#include "base/unique_function.h"
#include "http/request.h"
#include "http/responder.h"
#include "log/log.h"

namespace daybook::api {

struct LogName {
  std::string name;
  std::optional<log::LogId> id;
};

// The parameter log_id, if there is one. kInvalidArgument.
Status TakeLogId(Query& query, std::optional<log::LogId>& id);
// With the name in the path, `{log}`. kInvalidArgument.
Result<LogName> LogNameOf(const http::Request& request, std::optional<log::LogId> id);
// Of a request whose query may have a log_id, and nothing else. kInvalidArgument.
Result<LogName> ParseLogRequest(const http::Request& request);

// The log, or why a request is not for it.
using FoundLog = std::variant<std::shared_ptr<log::Log>, Problem>;

// Of what the store says.
FoundLog FoundLogOf(const LogName& name, Result<std::shared_ptr<log::Log>> found);
void FindLog(log::LogStore& store, LogName name, UniqueFunction<void(FoundLog)> done);

// `use` gets the log and the Responder, or the problem is sent.
template <typename Use>
void WithLog(log::LogStore& store, LogName name, http::Responder responder, Use use) {
  FindLog(store, std::move(name),
          [responder = std::move(responder), use = std::move(use)](FoundLog found) mutable {
            if (auto* const problem = std::get_if<Problem>(&found))
              return Refuse(*problem, std::move(responder));
            use(std::get<std::shared_ptr<log::Log>>(std::move(found)), std::move(responder));
          });
}

// Adds the field Log-Id.
http::Response WithLogId(http::Response response, const log::Log& log);

}  // namespace daybook::api
