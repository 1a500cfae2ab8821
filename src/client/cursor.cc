#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/answer.h"
#include "client/command.h"
#include "client/commands.h"
#include "client/session.h"
#include "client/table.h"
#include "http/target.h"

namespace daybook::client {
namespace {

using Action = config::CursorOptions::Action;

class CursorCommand {
 public:
  CursorCommand(Command& command, Session& session, const config::CursorOptions& options)
      : command_(command),
        session_(session),
        options_(options),
        log_("/v1/logs/" + http::PercentEncoded(options.log)),
        all_(log_ + "/cursors"),
        target_(all_ + "/" + http::PercentEncoded(options.name)) {
    if (options.revision)
      condition_.emplace_back("If-Match", "\"" + std::to_string(*options.revision) + "\"");
  }

  Status Run() {
    switch (options_.action) {
      case Action::kList:
        return List();
      case Action::kGet:
        return Show(session_.Ask({"GET", target_}));
      case Action::kSet:
        return Set();
      case Action::kDelete:
        return Delete();
    }
    return {};
  }

 private:
  using Fields = std::vector<std::pair<std::string_view, std::string>>;

  Status List() {
    const Result<Answer> answer = session_.Ask({"GET", all_});
    if (!answer.ok()) return answer.status();
    if (!answer->ok()) return answer->ToStatus();
    const std::optional<std::vector<std::string>> cursors = ObjectsIn(answer->body, "cursors");
    if (!cursors) return NotADaybook();
    return command_.output().AddText(
        TableOf(options_.client.output,
                {{"NAME", "name"}, {"OFFSET", "offset"}, {"LAG", "lag"}, {"REVISION", "revision"}},
                *cursors));
  }

  Status Show(const Result<Answer>& answer) {
    if (!answer.ok()) return answer.status();
    if (!answer->ok()) return answer->ToStatus();
    if (!answer->members().Number("offset")) return NotADaybook();
    return command_.output().AddText(
        ListOf(options_.client.output,
               {{"offset", "offset"}, {"lag", "lag"}, {"revision", "revision"}}, answer->body));
  }

  Status Set() {
    const std::string body = R"({"offset":)" + std::to_string(options_.offset) + "}";
    Fields fields = condition_;
    fields.emplace_back("Content-Type", "application/json");
    const Result<Answer> answer = session_.Ask({"PUT", target_, body, fields});
    if (!answer.ok() || answer->code != 412 || !session_.was_unanswered()) return Show(answer);
    // It may have been this one that had no answer.
    const Result<Answer> now = session_.Ask({"GET", target_});
    const bool is_done =
        now.ok() && now->ok() && now->members().Number("offset") == options_.offset;
    return Show(is_done ? now : answer);
  }

  Status Delete() {
    const Result<std::string> query = session_.AskLogId(log_);
    if (!query.ok()) return query.status();
    const std::string target = target_ + *query;
    const Result<Answer> answer = session_.Ask({"DELETE", target, {}, condition_});
    if (!answer.ok()) return answer.status();
    if (answer->ok()) return answer->code == 204 ? Status() : NotADaybook();
    const bool is_gone =
        answer->code == 404 || answer->code == 412 || answer->Kind() == "other-log";
    return is_gone && session_.was_unanswered() ? Status() : answer->ToStatus();
  }

  Command& command_;
  Session& session_;
  const config::CursorOptions& options_;
  const std::string log_;
  const std::string all_;
  const std::string target_;
  Fields condition_;  // empty: none
};

}  // namespace

int Cursor(const config::CursorOptions& options) {
  Command command("cursor", Command::Ends::kBySignal);
  Result<Session> session = Session::Open(command.name(), options.client, command.waiter());
  if (!session.ok()) return command.End(session.status());
  return command.End(CursorCommand(command, *session, options).Run());
}

}  // namespace daybook::client
