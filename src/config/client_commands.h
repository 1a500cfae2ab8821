// The sub-commands that are clients of a server, as the command line has them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/client_settings.h"
#include "config/config.h"

namespace daybook::config {

// Adds them to a program, which outlives this.
class ClientCommands {
 public:
  explicit ClientCommands(CLI::App& program);

  // The arguments as the program is to parse them: CLI11 takes a value in brackets for a list, and
  // forgets behind -- which command it is at.
  static Arguments Marked(Arguments arguments);

  // The one that was given, once the program has parsed; false where none was. kInvalidArgument
  // names a mistake.
  Result<bool> Take(const Environment& environment, CommandLine& command_line) const;

 private:
  void AddAppend(CLI::App& program);
  void AddReads(CLI::App& program);
  void AddStart(CLI::App& command);
  void AddLogs(CLI::App& program);
  void AddCursor(CLI::App& program);
  CLI::App* AddTo(CLI::App* group, const char* name, const char* help);
  void AddLog(CLI::App& command);
  Result<AppendOptions> Append() const;
  Result<ReadOptions> Read() const;
  Result<ReadStart> Start() const;
  Result<LogsOptions> Logs() const;
  Result<CursorOptions> Cursor() const;

  CLI::App* append_ = nullptr;
  CLI::App* read_ = nullptr;
  CLI::App* tail_ = nullptr;
  CLI::App* logs_ = nullptr;
  CLI::App* cursor_ = nullptr;
  ClientSettings settings_;  // of all of them
  GivenText log_;
  GivenText key_;

  CLI::Option* values_ = nullptr;  // of append, from here on
  std::vector<std::string> value_texts_;
  bool json_ = false;
  bool records_ = false;
  bool raw_ = false;
  bool create_ = false;
  std::vector<std::string> headers_;
  GivenText expected_;

  GivenText offset_;  // of read and tail, from here on
  GivenText since_;
  GivenText last_;
  GivenText limit_;
  std::string encoding_ = "text";
  GivenText cursor_name_;

  GivenText name_;  // of logs and cursor, from here on
  std::string prefix_;
  GivenText max_age_;
  GivenText max_bytes_;
  GivenText before_;
  GivenText position_;
  GivenText revision_;
};

}  // namespace daybook::config
