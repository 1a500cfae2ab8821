#include "config/man_page.h"

#include <string_view>

#include "config/client_options.h"

namespace daybook::config {
namespace {

// Text of which nothing is a request, nor a hyphen that a line may be broken at.
std::string Plain(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    const bool begins_line = plain.empty() || plain.back() == '\n';
    if (begins_line && (c == '.' || c == '\'')) plain += "\\&";
    if (c == '\\') {
      plain += "\\e";
    } else if (c == '-') {
      plain += "\\-";
    } else {
      plain += c;
    }
  }
  return plain;
}

std::string Bold(std::string_view text) { return "\\fB" + Plain(text) + "\\fR"; }
std::string Italic(std::string_view text) { return "\\fI" + Plain(text) + "\\fR"; }

std::string Argument(const OptionEntry& option) {
  const std::string name = Italic(option.name) + (option.is_repeated ? "..." : "");
  return option.is_required ? name : "[" + name + "]";
}

std::string Usage(const CommandEntry& command) {
  std::string usage = Bold(command.path) + " [" + Italic("OPTIONS") + "]";
  for (const OptionEntry& option : command.options) {
    if (option.flags.empty()) usage += " " + Argument(option);
  }
  return usage;
}

std::string OptionText(const OptionEntry& option) {
  std::string text = ".TP\n";
  if (option.flags.empty()) text += Italic(option.name);
  for (const std::string& flag : option.flags)
    text.append(&flag == option.flags.data() ? "" : ", ").append(Bold(flag));
  if (!option.flags.empty() && !option.type.empty()) text += " " + Italic(option.type);
  text += "\n" + Plain(option.help) + ".";
  if (!option.initial.empty()) text += " Without it: " + Plain(option.initial) + ".";
  return text + "\n";
}

std::string CommandText(const CommandEntry& command) {
  std::string text = ".SS " + Plain(command.path) + "\n" + Usage(command) + "\n.PP\n" +
                     Plain(command.help) + ".\n";
  std::string group;
  for (const OptionEntry& option : command.options) {
    if (option.group != group && option.group != "Options" && !option.group.empty())
      text += ".PP\n" + Bold(option.group) + "\n";
    group = option.group;
    text += OptionText(option);
  }
  if (!command.footer.empty()) text += ".PP\n" + Plain(command.footer) + "\n";
  return text;
}

}  // namespace

std::string ManPage(const CommandEntry& program) {
  std::string page = ".TH DAYBOOK 1\n.SH NAME\ndaybook \\- an append\\-only commit log over HTTP\n";
  page += ".SH SYNOPSIS\n" + Bold("daybook") + " " + Italic("COMMAND") + " [" + Italic("OPTIONS") +
          "] [" + Italic("ARGUMENTS") + "]\n.SH DESCRIPTION\n";
  page += Plain(
      "The program is a server and its clients: serve keeps logs and serves them; append, read, "
      "tail, logs, cursor and probe ask a server; backup, restore, dump, import, verify and repair "
      "work on its files; token makes what clients are let in with.\n");
  page += ".SH COMMANDS\n";
  for (const CommandEntry* command : program.All()) {
    if (command != &program) page += CommandText(*command);
  }
  page += ".SH EXIT STATUS\n";
  page += Plain(
      "0: it was done. 1: it could not be; standard error says why. 2: the command line is wrong. "
      "128 and a signal's number: that ended it; serve ends with 0 after a first SIGTERM or "
      "SIGINT.\n");
  page += ".SH ENVIRONMENT\n.TP\n" + Bold(kServerVariable) + "\n" +
          Plain("Where the clients' server listens; --server counts before it.\n") + ".TP\n" +
          Bold(kTokenVariable) + "\n" +
          Plain("What it knows them by, or @ and a file that has it; --token counts before it.\n") +
          ".TP\n" + Bold("DAYBOOK_*") + "\n" +
          Plain("Each option of serve: DAYBOOK_IDLE_TIMEOUT for --idle-timeout.\n");
  return page;
}

}  // namespace daybook::config
