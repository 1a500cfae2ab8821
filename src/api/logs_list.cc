#include "api/logs_list.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/access_gate.h"
#include "api/log_description.h"
#include "api/member_routes.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/request_body.h"
#include "api/status_map.h"
#include "base/json_text.h"
#include "base/units.h"

namespace daybook::api {
namespace {

using LogHandle = std::shared_ptr<log::Log>;

constexpr std::uint64_t kUsualLogs = 100;

struct ListQuery {
  std::string prefix;
  std::string after;
  std::uint64_t logs_max = kUsualLogs;
};

Result<ListQuery> ParseListQuery(const http::Request& request) {
  Result<Query> query = Query::Parse(request.query());
  if (!query.ok()) return query.status();
  ListQuery list;
  list.prefix = query->Take("prefix").value_or("");
  list.after = query->Take("after").value_or("");
  if (const std::optional<std::string> limit = query->Take("limit")) {
    list.logs_max = std::min(ParseNumber(*limit).value_or(0), kListedLogsMax);
    if (list.logs_max == 0) {
      return Status(StatusCode::kInvalidArgument,
                    "the query parameter 'limit' is not a whole number from 1");
    }
  }
  if (Status status = query->Rest(); !status.ok()) return status;
  return list;
}

// Gets the descriptions of logs, in whichever order and on whichever threads they come, and then
// answers. All are asked for at once, so that it takes no more of the stack for many.
class Gathering : public std::enable_shared_from_this<Gathering> {
 public:
  // `next`: where the next page begins, if there is one.
  Gathering(std::vector<LogHandle> logs, std::optional<std::string> next, http::Responder responder)
      : logs_(std::move(logs)),
        next_(std::move(next)),
        responder_(std::move(responder)),
        descriptions_(logs_.size(), Status(StatusCode::kInternal, "not told yet")),
        owed_(logs_.size() + 1) {}

  void Run() {
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      logs_[i]->Info([self = shared_from_this(), i](const Result<log::LogInfo>& info) {
        Describe(self->logs_[i], info, [self, i](Result<LogDescription> description) {
          self->descriptions_[i] = std::move(description);
          self->OnOne();
        });
      });
    }
    OnOne();
  }

 private:
  void OnOne() {
    if (--owed_ == 0) std::move(responder_).Send(Answer());
  }

  http::Response Answer() const {
    std::string body = R"({"logs":[)";
    bool first = true;
    for (const Result<LogDescription>& description : descriptions_) {
      if (description.status().code() == StatusCode::kLogDeleted) continue;  // meanwhile
      if (!description.ok()) return ProblemOf(description.status()).ToResponse();
      if (!std::exchange(first, false)) body.push_back(',');
      AppendDescription(body, *description);
    }
    body.push_back(']');
    if (next_) AppendJsonMember(body, "next", *next_);
    body.append("}\n");
    return JsonAnswer(http::Code::Ok, std::move(body));
  }

  const std::vector<LogHandle> logs_;
  const std::optional<std::string> next_;
  http::Responder responder_;
  std::vector<Result<LogDescription>> descriptions_;  // each written once
  std::atomic<std::size_t> owed_;
};

// Collects the logs of a page that the caller may read, a step of the store's logs at a time. Names
// of others are never told, not even as the place where the next page begins.
class Listing : public std::enable_shared_from_this<Listing> {
 public:
  Listing(log::LogStore& store, ListQuery query, std::shared_ptr<const access::Grant> grant,
          http::Responder responder)
      : store_(store),
        query_(std::move(query)),
        grant_(std::move(grant)),
        responder_(std::move(responder)) {}

  void Step() {
    // One more than the page has, to know whether there is one.
    const std::uint64_t step = grant_ == nullptr ? query_.logs_max + 1 : kListedLogsMax;
    store_.List(query_.prefix, query_.after, step,
                [self = shared_from_this(), step](const Result<std::vector<LogHandle>>& logs) {
                  self->OnLogs(logs, step);
                });
  }

 private:
  void OnLogs(const Result<std::vector<LogHandle>>& logs, std::uint64_t step) {
    if (!logs.ok()) return Refuse(ProblemOf(logs.status()), std::move(responder_));
    for (const LogHandle& log : *logs) {
      if (MayRead(grant_, log->name())) logs_.push_back(log);
    }
    if (logs_.size() > query_.logs_max || logs->size() < step) return Answer();
    query_.after = logs->back()->name();
    Step();
  }

  void Answer() {
    std::optional<std::string> next;
    if (logs_.size() > query_.logs_max) {
      logs_.resize(query_.logs_max);
      next = logs_.back()->name();
    }
    std::make_shared<Gathering>(std::move(logs_), std::move(next), std::move(responder_))->Run();
  }

  log::LogStore& store_;
  ListQuery query_;
  const std::shared_ptr<const access::Grant> grant_;
  http::Responder responder_;
  std::vector<LogHandle> logs_;
};

class LogsList {
 public:
  explicit LogsList(log::LogStore& store) : store_(store) {}

  void Get(http::Request& request, http::Responder responder) const {
    Result<ListQuery> query = ParseListQuery(request);
    if (!query.ok())
      return Refuse(InvalidParameter(query.status().message()), std::move(responder));
    std::make_shared<Listing>(store_, *std::move(query), GrantOf(request), std::move(responder))
        ->Step();
  }

 private:
  log::LogStore& store_;
};

}  // namespace

void AddLogsListRoute(http::Router& router, log::LogStore& store) {
  MemberRoutes<LogsList>(router, std::make_shared<const LogsList>(store))
      .Add(http::Method::Get, "/v1/logs", &LogsList::Get);
}

}  // namespace daybook::api
