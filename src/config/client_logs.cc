#include <optional>
#include <utility>

#include "base/units.h"
#include "config/client_commands.h"

namespace daybook::config {
namespace {

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

}  // namespace

void ClientCommands::AddLogs(CLI::App& program) {
  logs_ = program.add_subcommand("logs", "List, show, make, change, trim or delete logs");
  logs_->require_subcommand(0, 1);
  settings_.AddTo(*logs_, {"text", "json"});
  AddTo(logs_, "list", "List the logs, as logs alone does")
      ->add_option("--prefix", prefix_, "only those whose names begin with it")
      ->type_name("TEXT");
  CLI::App* const show = AddTo(logs_, "show", "Show a log: its offsets, size and settings");
  CLI::App* const create = AddTo(logs_, "create", "Make a log, which must not be there");
  CLI::App* const set = AddTo(logs_, "set", "Change what a log keeps");
  CLI::App* const remove = AddTo(logs_, "delete", "Delete a log and all that is in it");
  CLI::App* const trim = AddTo(logs_, "trim", "Take the oldest records away");
  for (CLI::App* command : {show, create, set, remove, trim})
    AddText(*command, "NAME", name_, "the log's name")->required();
  for (CLI::App* command : {create, set}) {
    AddText(*command, "--max-age", max_age_, "how old records may become, such as 7d; or none")
        ->type_name("DURATION");
    AddText(*command, "--max-bytes", max_bytes_, "how large it may become, such as 10Gi; or none")
        ->type_name("SIZE");
  }
  AddText(*trim, "--before", before_, "the first offset to be kept")
      ->type_name("OFFSET")
      ->required();
}

void ClientCommands::AddCursor(CLI::App& program) {
  cursor_ = program.add_subcommand("cursor", "List, get, set or delete a log's cursors");
  cursor_->require_subcommand(0, 1);
  settings_.AddTo(*cursor_, {"text", "json"});
  AddLog(*cursor_);
  CLI::App* const list = AddTo(cursor_, "list", "List the cursors, as cursor alone does");
  CLI::App* const get = AddTo(cursor_, "get", "Show where a cursor is, and how far behind");
  CLI::App* const set = AddTo(cursor_, "set", "Make a cursor, or move it");
  CLI::App* const remove = AddTo(cursor_, "delete", "Delete a cursor");
  for (CLI::App* command : {list, get, set, remove}) AddLog(*command);
  for (CLI::App* command : {get, set, remove})
    AddText(*command, "NAME", name_, "the cursor's name")->required();
  AddText(*set, "OFFSET", position_, "where it is to be")->required();
  for (CLI::App* command : {set, remove}) {
    AddText(*command, "--if-revision", revision_, "only where nobody has moved it since this one")
        ->type_name("NUMBER");
  }
}

Result<LogsOptions> ClientCommands::Logs() const {
  using Action = LogsOptions::Action;
  LogsOptions options;
  for (const auto& [name, action] :
       {std::pair{"list", Action::kList}, std::pair{"show", Action::kShow},
        std::pair{"create", Action::kCreate}, std::pair{"set", Action::kSet},
        std::pair{"delete", Action::kDelete}, std::pair{"trim", Action::kTrim}}) {
    if (logs_->got_subcommand(name)) options.action = action;
  }
  if (Status status = CheckNotEmpty("NAME", name_); !status.ok()) return status;
  options.name = name_.value_or("");
  options.prefix = prefix_;
  options.max_age = max_age_;
  options.max_bytes = max_bytes_;
  if (max_age_ && max_age_ != "none" && !ParseDuration(*max_age_))
    return Mistake("--max-age: '" + *max_age_ +
                   "' is neither a duration, such as 12h or 7d, nor none");
  if (max_bytes_ && max_bytes_ != "none" && !ParseSize(*max_bytes_)) {
    return Mistake("--max-bytes: '" + *max_bytes_ +
                   "' is neither a size, such as 1048576, 512Mi or 10Gi, nor none");
  }
  if (options.action == Action::kSet && !options.max_age && !options.max_bytes)
    return Mistake("logs set takes --max-age, --max-bytes or both");
  const auto before = NumberOf("--before", before_);
  if (!before.ok()) return before.status();
  options.before = before->value_or(0);
  return options;
}

Result<CursorOptions> ClientCommands::Cursor() const {
  using Action = CursorOptions::Action;
  CursorOptions options;
  for (const auto& [name, action] :
       {std::pair{"list", Action::kList}, std::pair{"get", Action::kGet},
        std::pair{"set", Action::kSet}, std::pair{"delete", Action::kDelete}}) {
    if (cursor_->got_subcommand(name)) options.action = action;
  }
  for (const auto& [option, text] : {std::pair{"--log", &log_}, std::pair{"NAME", &name_}}) {
    if (Status status = CheckNotEmpty(option, *text); !status.ok()) return status;
  }
  options.log = log_.value_or(options.log);
  options.name = name_.value_or("");
  const auto offset = NumberOf("OFFSET", position_);
  if (!offset.ok()) return offset.status();
  options.offset = offset->value_or(0);
  const auto revision = NumberOf("--if-revision", revision_);
  if (!revision.ok()) return revision.status();
  options.revision = *revision;
  return options;
}

}  // namespace daybook::config
