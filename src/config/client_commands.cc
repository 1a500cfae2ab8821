#include "config/client_commands.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"

namespace daybook::config {
namespace {

// Before an argument that CLI11 would take for more than it is.
constexpr char kMark = '\x01';

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

std::string Unmarked(const std::string& argument) {
  return argument.starts_with(kMark) ? argument.substr(1) : argument;
}

}  // namespace

ClientCommands::ClientCommands(CLI::App& program) {
  AddAppend(program);
  AddReads(program);
  AddLogs(program);
  AddCursor(program);
}

Arguments ClientCommands::Marked(Arguments arguments) {
  if (arguments.empty() || arguments.front() != "append") return arguments;
  const auto values = std::find(arguments.begin(), arguments.end(), "--");
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    const bool is_special = argument->starts_with('[') || argument->starts_with(kMark);
    if (argument > values || is_special) argument->insert(0, 1, kMark);
  }
  if (values != arguments.end()) arguments.erase(values);
  return arguments;
}

void ClientCommands::AddLog(CLI::App& command) {
  AddText(command, "-l,--log", log_, "the log's name")
      ->type_name("NAME")
      ->default_str(AppendOptions().log);
}

void ClientCommands::AddAppend(CLI::App& program) {
  append_ = program.add_subcommand("append", "Append records to a log of a server");
  values_ = append_->add_option("VALUE", value_texts_,
                                "a record's value; without any each line of standard input is one");
  AddLog(*append_);
  append_->add_flag("--json", json_, "values are JSON, and are stored as they are written");
  append_->add_flag("--records", records_,
                    "values are records, as the API takes them in NDJSON, with key and headers");
  append_->add_flag("--raw", raw_, "all of standard input is one record's value, as it is");
  AddText(*append_, "-k,--key", key_, "the key of each record")->type_name("KEY");
  append_->add_option("-H,--header", headers_, "a header of each record; may be given again")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  AddText(*append_, "--expect-next", expected_,
          "append only where the log ends at this offset, and what follows right behind")
      ->type_name("OFFSET");
  append_->add_flag("--create", create_, "make the log if it is not there");
  settings_.AddTo(*append_, {"text", "json"});
  append_->footer(
      "Lines end with LF or CRLF. What has come is appended at once, as one batch; what had no\n"
      "answer is sent again until it has one, for as long as the log knows it again, and is never\n"
      "in the log twice.\n"
      "Exit code 0: all is appended. 1: not all, and standard error says how much was, and what\n"
      "may have been. 2: the command line is wrong. 130, 143: SIGINT or SIGTERM; the batch under\n"
      "way was finished, if it could be within five seconds.");
}

CLI::App* ClientCommands::AddTo(CLI::App* group, const char* name, const char* help) {
  CLI::App* command = group->add_subcommand(name, help);
  settings_.AddTo(*command, {"text", "json"});
  return command;
}

Result<AppendOptions> ClientCommands::Append() const {
  using Input = AppendOptions::Input;
  AppendOptions options;
  options.log = log_.value_or(options.log);
  if (int{json_} + int{records_} + int{raw_} > 1)
    return Mistake("--json, --records and --raw: only one of them can be");
  options.input = json_      ? Input::kJson
                  : records_ ? Input::kRecords
                  : raw_     ? Input::kRaw
                             : Input::kText;
  if (values_->count() > 0) {
    for (const std::string& value : values_->results()) options.values.push_back(Unmarked(value));
  }
  if (raw_ && !options.values.empty())
    return Mistake("--raw is for standard input; a value is as it is without");
  if (Status status = CheckNotEmpty("--log", log_); !status.ok()) return status;
  if (key_) options.key = Unmarked(*key_);
  if (options.key && (!IsUtf8(*options.key) || HasControlCharacter(*options.key)))
    return Mistake("--key is not UTF-8 without control characters");
  for (const std::string& marked : headers_) {
    const std::string header = Unmarked(marked);
    const std::size_t equal = header.find('=');
    const std::string name = header.substr(0, equal);
    if (equal == std::string::npos || name.empty() ||
        !std::all_of(name.begin(), name.end(), IsTokenCharacter) || !IsUtf8(header))
      return Mistake("--header: '" + header + "' is not NAME=VALUE, in UTF-8");
    options.headers.emplace_back(name, header.substr(equal + 1));
  }
  if (records_ && (options.key || !options.headers.empty()))
    return Mistake(
        "--records: each has its own key and headers; --key and --header are not for it");
  Result<std::optional<std::uint64_t>> expected = NumberOf("--expect-next", expected_);
  if (!expected.ok()) return expected.status();
  options.expected_next_offset = *expected;
  options.create = create_;
  return options;
}

Result<bool> ClientCommands::Take(const Environment& environment, CommandLine& command_line) const {
  const auto take = [&](auto options, auto& taken, CommandLine::Action action) -> Result<bool> {
    if (!options.ok()) return options.status();
    taken = std::move(*options);
    Result<ClientOptions> client = settings_.Take(environment);
    if (!client.ok()) return client.status();
    taken.client = std::move(*client);
    command_line.action = action;
    return true;
  };
  using Action = CommandLine::Action;
  if (append_->parsed()) return take(Append(), command_line.append, Action::kAppend);
  if (read_->parsed()) return take(Read(), command_line.read, Action::kRead);
  if (tail_->parsed()) {
    Result<bool> taken = take(Read(), command_line.read, Action::kTail);
    if (!settings_.has_timeout()) command_line.read.client.timeout.reset();
    return taken;
  }
  if (logs_->parsed()) return take(Logs(), command_line.logs, Action::kLogs);
  if (cursor_->parsed()) return take(Cursor(), command_line.cursor, Action::kCursor);
  return false;
}

}  // namespace daybook::config
