#include "config/tools.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "base/units.h"

namespace daybook::config {
namespace {

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

// Sets `number` where the option was given.
Status SetNumber(const char* option, const std::string& text,
                 std::optional<std::uint64_t>& number) {
  if (text.empty()) return {};
  const std::optional<std::uint64_t> parsed = ParseNumber(text);
  if (!parsed) {
    return Mistake(std::string(option) + ": '" + text +
                   "' is not a whole number from 0 to 18446744073709551615");
  }
  number = parsed;
  return {};
}

}  // namespace

ToolCommands::ToolCommands(CLI::App& program) {
  AddCopies(program);
  AddDump(program);
  AddImport(program);
  AddExams(program);
  AddToken(program);
}

void ToolCommands::AddCopies(CLI::App& program) {
  backup_ = program.add_subcommand(
      "backup", "Copy a data folder, also while it is served, to a folder that can be served");
  backup_->add_option("DIR", copy_options_.from, "the data folder")->required();
  backup_->add_option("TO", copy_options_.to, "a folder that is not there, or empty")->required();
  restore_ = program.add_subcommand("restore",
                                    "Check a backup and copy it to a folder that can be served");
  restore_->add_option("FROM", copy_options_.from, "the backup")->required();
  restore_->add_option("DIR", copy_options_.to, "a folder that is not there, or empty")->required();
}

void ToolCommands::AddDump(CLI::App& program) {
  dump_ = program.add_subcommand(
      "dump",
      "Write a log's records to standard output, a line of JSON each, also while it is served");
  dump_->add_option("DIR", dump_options_.data_dir, "the data folder")->required();
  dump_->add_option("--log", dump_options_.log, "its name, or its id")
      ->type_name("NAME")
      ->capture_default_str();
  dump_->add_option("--from", from_, "the first offset; else the first that there is")
      ->type_name("OFFSET");
  dump_->add_option("--limit", limit_, "at most so many records")->type_name("NUMBER");
  dump_
      ->add_option("--encoding", dump_options_.encoding,
                   "base64: values are shown as `value`; text, json: as that where they are it")
      ->type_name("ENCODING")
      ->check(CLI::IsMember({"base64", "text", "json"}))
      ->capture_default_str();
  dump_->add_flag("--skip-damaged", dump_options_.skip_damaged,
                  "go on behind what cannot be read, and say which offsets are missing");
}

void ToolCommands::AddImport(CLI::App& program) {
  import_ = program.add_subcommand(
      "import", "Append records, a line of JSON each, to a log that nobody serves meanwhile");
  import_->add_option("DIR", import_options_.data_dir, "the data folder; made if it is not there")
      ->required();
  import_->add_option("FILE", import_options_.file,
                      "where they are; else, or with -, standard input");
  import_->add_option("--log", import_options_.log, "its name")
      ->type_name("NAME")
      ->capture_default_str();
  import_->add_flag("--create", import_options_.create, "make the log if it is not there");
  import_->add_option("--max-record-value", max_record_value_, "largest value of one record")
      ->type_name("SIZE")
      ->default_str(FormatSize(import_options_.max_record_value));
}

void ToolCommands::AddExams(CLI::App& program) {
  verify_ = program.add_subcommand(
      "verify",
      "Read all of a data folder, also while it is served, and say what is damaged in it");
  verify_->add_option("DIR", exam_options_.data_dir, "the data folder")->required();
  verify_->footer(
      "Nothing is changed. A torn tail, which a crash leaves, is no damage: it was never\n"
      "acknowledged, and the next start of the server cuts it off.\n"
      "Exit code 0: no damage. 1: damage, of which the last line names the first place. 2: DIR is\n"
      "not there, or the command line is wrong.");
  repair_ = program.add_subcommand(
      "repair",
      "Show what a repair of a damaged data folder would save and what not, or repair it");
  repair_->add_option("DIR", exam_options_.data_dir, "the data folder, which nobody serves")
      ->required();
  repair_->add_flag("--yes", exam_options_.repair, "repair it, and do not only show what would be");
  repair_->footer(
      "What can be read keeps its offset. What cannot is given up: it is answered 410 from then "
      "on,\n"
      "and what was damaged stays beside the new files under names that end in .damaged. Make a\n"
      "copy of the folder first.\n"
      "Exit code 0: nothing is to be repaired, or it was. 1: something is to be, or could not be\n"
      "repaired. 2: DIR is not there, or the command line is wrong.");
}

void ToolCommands::AddToken(CLI::App& program) {
  CLI::App* const token = program.add_subcommand("token", "Make tokens, which let clients in");
  token->require_subcommand(1);
  new_token_ = token->add_subcommand(
      "new", "Print a new token, which is its client's secret, and its line in a token file");
  new_token_->add_option("NAME", token_options_.name, "who gets it, as logs and limits say it")
      ->required();
  new_token_
      ->add_option("--scopes", token_options_.scopes,
                   "what it is for: some of read, append, admin, metrics")
      ->type_name("SCOPES")
      ->capture_default_str();
  new_token_
      ->add_option("--logs", token_options_.logs,
                   "which logs it is for: names by commas, in which * stands for anything")
      ->type_name("PATTERNS")
      ->capture_default_str();
}

Result<DumpOptions> ToolCommands::Dump() const {
  DumpOptions options = dump_options_;
  if (Status status = SetNumber("--from", from_, options.from); !status.ok()) return status;
  if (Status status = SetNumber("--limit", limit_, options.limit); !status.ok()) return status;
  return options;
}

Result<ImportOptions> ToolCommands::Import() const {
  ImportOptions options = import_options_;
  if (max_record_value_.empty()) return options;
  const auto bytes = ParseSize(max_record_value_);
  if (!bytes || *bytes == 0 || *bytes > kRecordValueBytesMax) {
    return Mistake("--max-record-value: '" + max_record_value_ + "' is not a size from 1 to " +
                   FormatSize(kRecordValueBytesMax) + ", such as 512, 64Ki or 1Mi");
  }
  options.max_record_value = *bytes;
  return options;
}

Result<bool> ToolCommands::Take(CommandLine& command_line) const {
  using Action = CommandLine::Action;
  if (backup_->parsed() || restore_->parsed()) {
    command_line.action = backup_->parsed() ? Action::kBackup : Action::kRestore;
    command_line.copy = copy_options_;
    return true;
  }
  if (dump_->parsed()) {
    Result<DumpOptions> options = Dump();
    if (!options.ok()) return options.status();
    command_line.action = Action::kDump;
    command_line.dump = std::move(*options);
    return true;
  }
  if (import_->parsed()) {
    Result<ImportOptions> options = Import();
    if (!options.ok()) return options.status();
    command_line.action = Action::kImport;
    command_line.import = std::move(*options);
    return true;
  }
  if (verify_->parsed() || repair_->parsed()) {
    command_line.action = verify_->parsed() ? Action::kVerify : Action::kRepair;
    command_line.exam = exam_options_;
    return true;
  }
  if (new_token_->parsed()) {
    command_line.action = Action::kNewToken;
    command_line.token = token_options_;
    return true;
  }
  return false;
}

}  // namespace daybook::config
