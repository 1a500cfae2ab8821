#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "client/answer.h"
#include "client/command.h"
#include "client/commands.h"
#include "client/session.h"
#include "client/table.h"
#include "http/target.h"

namespace daybook::client {
namespace {

using Action = config::LogsOptions::Action;

const std::vector<Column>& TableColumns() {
  static const std::vector<Column> columns{
      {"NAME", "name"},   {"FIRST", "first_offset"},        {"NEXT", "next_offset"},
      {"BYTES", "bytes"}, {"MAX-AGE", "retention.max_age"}, {"MAX-BYTES", "retention.max_bytes"}};
  return columns;
}

const std::vector<Column>& ListColumns() {
  static const std::vector<Column> columns{{"name", "name"},
                                           {"id", "id"},
                                           {"created", "created"},
                                           {"first offset", "first_offset"},
                                           {"next offset", "next_offset"},
                                           {"records", "records"},
                                           {"bytes", "bytes"},
                                           {"first timestamp", "first_timestamp"},
                                           {"last timestamp", "last_timestamp"},
                                           {"max age", "retention.max_age"},
                                           {"max bytes", "retention.max_bytes"}};
  return columns;
}

class LogsCommand {
 public:
  LogsCommand(Command& command, Session& session, const config::LogsOptions& options)
      : command_(command),
        session_(session),
        options_(options),
        target_("/v1/logs/" + http::PercentEncoded(options.name)) {}

  Status Run() {
    switch (options_.action) {
      case Action::kList:
        return List();
      case Action::kShow:
        return Show(session_.Ask({"GET", target_}));
      case Action::kCreate:
        return Create();
      case Action::kSet:
        return Set();
      case Action::kDelete:
        return Delete();
      case Action::kTrim:
        return Trim();
    }
    return {};
  }

 private:
  Status List() {
    std::vector<std::string> logs;
    std::string after;
    do {
      const std::string target =
          "/v1/logs?limit=1000&prefix=" + http::PercentEncoded(options_.prefix) + after;
      const Result<Answer> page = session_.Ask({"GET", target});
      if (!page.ok()) return page.status();
      if (!page->ok()) return page->ToStatus();
      std::optional<std::vector<std::string>> listed = ObjectsIn(page->body, "logs");
      if (!listed) return NotADaybook();
      for (std::string& log : *listed) logs.push_back(std::move(log));
      const std::optional<std::string> next = page->members().Text("next");
      after = next ? "&after=" + http::PercentEncoded(*next) : "";
    } while (!after.empty());
    return command_.output().AddText(TableOf(options_.client.output, TableColumns(), logs));
  }

  Status Show(const Result<Answer>& answer) {
    if (!answer.ok()) return answer.status();
    if (!answer->ok()) return answer->ToStatus();
    if (!answer->members().Number("next_offset")) return NotADaybook();
    return command_.output().AddText(ListOf(options_.client.output, ListColumns(), answer->body));
  }

  // What it is to keep, as the API takes it.
  std::string Settings() const {
    std::string members;
    const auto add = [&](std::string_view name, const std::optional<std::string>& value) {
      if (!value) return;
      if (*value == "none") {
        members.append(",\"").append(name).append("\":null");
      } else {
        AppendJsonMember(members, name, *value);
      }
    };
    add("max_age", options_.max_age);
    add("max_bytes", options_.max_bytes);
    return members.empty() ? "" : R"({"retention":{)" + members.substr(1) + "}}";
  }

  Result<Answer> Put(const char* condition) {
    const std::string body = Settings();
    http::ClientRequest request{"PUT", target_, body, {}};
    if (!body.empty()) request.fields.emplace_back("Content-Type", "application/json");
    if (condition != nullptr) request.fields.emplace_back("If-None-Match", condition);
    return session_.Ask(request);
  }

  Status Create() {
    Result<Answer> answer = Put("*");
    // It may have been this one that had no answer.
    if (answer.ok() && answer->code == 412 && session_.was_unanswered())
      answer = session_.Ask({"GET", target_});
    return Show(answer);
  }

  Status Set() {
    const Result<Answer> log = session_.Ask({"GET", target_});
    if (!log.ok()) return log.status();
    return log->ok() ? Show(Put(nullptr)) : log->ToStatus();
  }

  Status Delete() {
    const Result<std::string> query = session_.AskLogId(target_);
    if (!query.ok()) return query.status();
    const std::string target = target_ + *query;
    const Result<Answer> answer = session_.Ask({"DELETE", target});
    if (!answer.ok()) return answer.status();
    if (answer->ok()) return answer->code == 204 ? Status() : NotADaybook();
    // It may have been this one that had no answer.
    const bool is_gone = answer->code == 404 || answer->Kind() == "other-log";
    return is_gone && session_.was_unanswered() ? Status() : answer->ToStatus();
  }

  Status Trim() {
    const std::string body = R"({"before":)" + std::to_string(options_.before) + "}";
    const Result<std::string> query = session_.AskLogId(target_);
    if (!query.ok()) return query.status();
    const std::string target = target_ + "/trim" + *query;
    return Show(session_.Ask({"POST", target, body, {{"Content-Type", "application/json"}}}));
  }

  Command& command_;
  Session& session_;
  const config::LogsOptions& options_;
  const std::string target_;
};

}  // namespace

int Logs(const config::LogsOptions& options) {
  Command command("logs", Command::Ends::kBySignal);
  Result<Session> session = Session::Open(command.name(), options.client, command.waiter());
  if (!session.ok()) return command.End(session.status());
  return command.End(LogsCommand(command, *session, options).Run());
}

}  // namespace daybook::client
