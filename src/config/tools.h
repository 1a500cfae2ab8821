// The sub-commands that work on files, as the command line has them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/status.h"
#include "config/config.h"

namespace daybook::config {

// Adds them to a program, which outlives this.
class ToolCommands {
 public:
  explicit ToolCommands(CLI::App& program);

  // The one that was given, once the program has parsed; false where none was. kInvalidArgument
  // names a mistake.
  Result<bool> Take(CommandLine& command_line) const;

 private:
  void AddCopies(CLI::App& program);
  void AddDump(CLI::App& program);
  void AddImport(CLI::App& program);
  void AddExams(CLI::App& program);
  void AddToken(CLI::App& program);
  Result<DumpOptions> Dump() const;
  Result<ImportOptions> Import() const;

  CLI::App* backup_ = nullptr;
  CLI::App* restore_ = nullptr;
  CLI::App* dump_ = nullptr;
  CLI::App* import_ = nullptr;
  CLI::App* verify_ = nullptr;
  CLI::App* repair_ = nullptr;
  CLI::App* new_token_ = nullptr;
  CopyOptions copy_options_;
  DumpOptions dump_options_;
  ImportOptions import_options_;
  ExamOptions exam_options_;
  TokenOptions token_options_;
  // Of options that are numbers.
  std::string from_;
  std::string limit_;
  std::string max_record_value_;
};

}  // namespace daybook::config
