// The commands and options that the program's command line has, read from CLI11's own tables, so
// that what is made of them (completion, a manual page) is never older than they are.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace daybook::config {

struct OptionEntry {
  std::vector<std::string> flags;    // "-o", "--output"; none: it is an argument
  std::string name;                  // of an argument
  std::string type;                  // of its value; empty: it has none
  std::vector<std::string> choices;  // what alone the value may be, if that is so
  std::string initial;               // the value without it; empty: none is told
  std::string help;
  std::string group;
  bool is_required = false;
  bool is_repeated = false;
};

struct CommandEntry {
  std::string path;  // "daybook logs create"
  std::string name;
  std::string help;
  std::string footer;
  std::vector<OptionEntry> options;
  std::vector<CommandEntry> commands;

  // Itself, and those below it, one behind the other.
  std::vector<const CommandEntry*> All() const;
};

CommandEntry TreeOf(const CLI::App& program);

}  // namespace daybook::config
