#include <algorithm>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/rfc3339.h"
#include "base/units.h"
#include "config/client_commands.h"

namespace daybook::config {
namespace {

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

// A moment, or how long ago that was, as the API takes it.
std::optional<std::string> MomentOf(const std::string& text) {
  if (ParseRfc3339(text)) return text;
  const auto ago = ParseDuration(text);
  if (!ago) return std::nullopt;
  std::string moment;
  AppendRfc3339(moment, Timestamp(std::max<std::int64_t>(
                            Clock::System().Now().milliseconds - ago->count(), 0)));
  return moment;
}

}  // namespace

void ClientCommands::AddStart(CLI::App& command) {
  AddText(command, "--offset", offset_, "begin there: a number, first, or next, the log's end")
      ->type_name("OFFSET");
  AddText(command, "--since", since_, "begin at a moment (RFC 3339), or so long ago (5m)")
      ->type_name("TIME");
  AddText(command, "-n,--last", last_,
          command.get_name() == "tail" ? "begin so many records before the end; else 10"
                                       : "begin so many records before the end")
      ->type_name("NUMBER");
  AddText(command, "-k,--key", key_, "only records with that key")->type_name("KEY");
  command
      .add_option("--encoding", encoding_,
                  "how JSON shows values: base64 as `value`; text, json as that where they are it")
      ->type_name("base64|text|json")
      ->check(CLI::IsMember({"base64", "text", "json"}).description(""))
      ->capture_default_str();
}

void ClientCommands::AddReads(CLI::App& program) {
  read_ = program.add_subcommand("read", "Read a log of a server, up to its end");
  tail_ = program.add_subcommand("tail", "Read a log's last records, and then those that come");
  for (CLI::App* command : {read_, tail_}) {
    AddLog(*command);
    AddStart(*command);
    settings_.AddTo(*command, {"text", "json", "raw"});
  }
  AddText(*read_, "--limit", limit_, "at most so many records")->type_name("NUMBER");
  read_->footer(
      "It begins with the log's first record. Text: a value a line; on a terminal control\n"
      "characters are shown as U+FFFD. JSON: a record a line. Raw: the values' bytes, and nothing\n"
      "between.\n"
      "Exit code 0: that was all. 1: it could not be read. 2: the command line is wrong.");
  AddText(*tail_, "--cursor", cursor_name_,
          "begin at this cursor of the log, and move it behind what was written")
      ->type_name("NAME");
  tail_->footer(
      "It goes on behind what it has written, through restarts of the server. A cursor that is\n"
      "not there is made, at the first record if nothing else is said. It is moved once a second\n"
      "and at the end, so that after a kill the last second's records come again.\n"
      "Exit code 0: nobody reads its output. 1: the log was deleted, or cannot be read. 2: the\n"
      "command line is wrong. 130, 143: SIGINT or SIGTERM.");
}

Result<ReadStart> ClientCommands::Start() const {
  const int starts = int{offset_.has_value()} + int{since_.has_value()} + int{last_.has_value()};
  if (starts > 1) return Mistake("--offset, --since and --last: only one of them can be");
  if (offset_) {
    if (offset_ == "first" || offset_ == "next") return ReadStart{"offset", *offset_};
    const auto number = NumberOf("--offset", offset_);
    if (number.ok()) return ReadStart{"offset", *offset_};
    return Mistake(number.status().message() + ", first or next");
  }
  if (since_) {
    const std::optional<std::string> moment = MomentOf(*since_);
    if (moment) return ReadStart{"since", *moment};
    return Mistake(
        "--since: '" + *since_ +
        "' is neither a moment, such as 2026-01-02T03:04:05Z, nor a duration, such as 5m");
  }
  if (!last_) return ReadStart();
  const auto number = NumberOf("--last", last_);
  if (!number.ok()) return number.status();
  return ReadStart{"last", *last_};
}

Result<ReadOptions> ClientCommands::Read() const {
  ReadOptions options;
  options.log = log_.value_or(options.log);
  Result<ReadStart> start = Start();
  if (!start.ok()) return start.status();
  options.start = std::move(*start);
  Result<std::optional<std::uint64_t>> limit = NumberOf("--limit", limit_);
  if (!limit.ok()) return limit.status();
  options.limit = *limit;
  for (const auto& [option, text] : {std::pair{"--log", &log_}, std::pair{"--key", &key_},
                                     std::pair{"--cursor", &cursor_name_}}) {
    if (Status status = CheckNotEmpty(option, *text); !status.ok()) return status;
  }
  options.key = key_;
  options.encoding = encoding_;
  options.cursor = cursor_name_.value_or("");
  return options;
}

}  // namespace daybook::config
