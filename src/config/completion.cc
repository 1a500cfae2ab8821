#include "config/completion.h"

#include <cstddef>
#include <string_view>

namespace daybook::config {
namespace {

// In single quotes, as all three shells take them.
std::string Quoted(std::string_view text, std::string_view quote_inside) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string(quote_inside) : std::string(1, c);
  return quoted + "'";
}
std::string Quoted(std::string_view text) { return Quoted(text, R"('\'')"); }

std::string Joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string joined;
  for (const std::string& word : words) joined.append(joined.empty() ? "" : separator).append(word);
  return joined;
}

// Of every command but the program itself, as alternatives of a case.
std::string PathPatterns(const CommandEntry& program, std::string_view separator) {
  std::vector<std::string> paths;
  for (const CommandEntry* command : program.All()) {
    if (command != &program) paths.push_back(Quoted(command->path));
  }
  return Joined(paths, separator);
}

// "'daybook read -o'|'daybook read --output'"
std::string FlagPatterns(const CommandEntry& command, const OptionEntry& option) {
  std::vector<std::string> patterns;
  for (const std::string& flag : option.flags)
    patterns.push_back(Quoted(command.path + " " + flag));
  return Joined(patterns, "|");
}

bool TakesArguments(const CommandEntry& command) {
  for (const OptionEntry& option : command.options) {
    if (option.flags.empty()) return true;
  }
  return false;
}

// How a shell offers words: what stands before and behind them; and what it does where none are
// known.
struct Offer {
  std::string_view before;
  std::string_view behind;
  std::string_view unknown;
};

// Cases of a command and the word before the one that is completed: values of options, and
// arguments that are choices.
std::string ValueCases(const CommandEntry& program, const Offer& offer) {
  std::string cases;
  for (const CommandEntry* command : program.All()) {
    for (const OptionEntry& option : command->options) {
      const bool is_argument = option.flags.empty();
      if (option.type.empty() || (is_argument && option.choices.empty())) continue;
      cases.append("    ").append(is_argument ? Quoted(command->path + " " + command->name)
                                              : FlagPatterns(*command, option));
      cases.append(")");
      if (option.choices.empty()) {
        cases.append(offer.unknown);
      } else {
        cases.append(offer.before).append(Joined(option.choices, " ")).append(offer.behind);
      }
      cases.append(" return ;;\n");
    }
  }
  return cases;
}

constexpr const char* kBashWords =
    R"sh(# Completion of daybook for bash: eval "$(daybook completion bash)"
_daybook() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} at=daybook index words
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; ++index)); do
    case "$at ${COMP_WORDS[index]}" in
      @PATHS@) at="$at ${COMP_WORDS[index]}" ;;
    esac
  done
  COMPREPLY=()
  case "$at $before" in
@VALUES@  esac
  case "$at" in
@WORDS@  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _daybook daybook
)sh";

constexpr const char* kZshWords = R"sh(#compdef daybook
# Completion of daybook for zsh: source <(daybook completion zsh)
_daybook() {
  local at=daybook before=${words[CURRENT - 1]} index
  local -a names flags
  for ((index = 2; index < CURRENT; ++index)); do
    case "$at ${words[index]}" in
      @PATHS@) at="$at ${words[index]}" ;;
    esac
  done
  case "$at $before" in
@VALUES@  esac
  case "$at" in
@WORDS@  esac
  if [[ ${words[CURRENT]} == -* ]]; then
    _describe -o option flags
  elif (( ${#names} )); then
    _describe command names
  else
    _files
  fi
}
if [[ ${funcstack[1]} == _daybook ]]; then
  _daybook "$@"
else
  compdef _daybook daybook
fi
)sh";

constexpr const char* kFishWords =
    R"sh(# Completion of daybook for fish: daybook completion fish | source
function __daybook_at
    set -l at daybook
    set -l given (commandline -opc)
    set -e given[1]
    for word in $given
        switch "$at $word"
            case @PATHS@
                set at "$at $word"
        end
    end
    test "$at" = "$argv"
end
)sh";

// `text` with what stands for a mark.
std::string Filled(std::string text, std::string_view mark, std::string_view filling) {
  const std::size_t at = text.find(mark);
  return text.replace(at, mark.size(), filling);
}

// What bash offers at each command.
std::string BashWords(const CommandEntry& program) {
  std::string cases;
  for (const CommandEntry* command : program.All()) {
    std::vector<std::string> words;
    for (const CommandEntry& each : command->commands) words.push_back(each.name);
    std::vector<std::string> flags;
    for (const OptionEntry& option : command->options)
      flags.insert(flags.end(), option.flags.begin(), option.flags.end());
    cases += "    " + Quoted(command->path) + ")\n";
    // Where there are commands or arguments, options are for who has begun one.
    if (!words.empty() || TakesArguments(*command)) {
      cases += "      words='" + Joined(words, " ") + "'\n      [[ $word == -* ]] && words='" +
               Joined(flags, " ") + "' ;;\n";
    } else {
      cases += "      words='" + Joined(flags, " ") + "' ;;\n";
    }
  }
  return cases;
}

// The same of zsh, which shows what they are.
std::string ZshWords(const CommandEntry& program) {
  const auto described = [](const std::string& name, const std::string& help) {
    return Quoted(name + ":" + help) + " ";
  };
  std::string cases;
  for (const CommandEntry* command : program.All()) {
    cases += "    " + Quoted(command->path) + ")\n      names=( ";
    for (const CommandEntry& each : command->commands) cases += described(each.name, each.help);
    cases += ")\n      flags=( ";
    for (const OptionEntry& option : command->options) {
      for (const std::string& flag : option.flags) cases += described(flag, option.help);
    }
    cases += ") ;;\n";
  }
  return cases;
}

}  // namespace

std::string BashCompletion(const CommandEntry& program) {
  const std::string values =
      ValueCases(program, {" COMPREPLY=($(compgen -W '", "' -- \"$word\"));", ""});
  return Filled(
      Filled(Filled(kBashWords, "@PATHS@", PathPatterns(program, "|")), "@VALUES@", values),
      "@WORDS@", BashWords(program));
}

std::string ZshCompletion(const CommandEntry& program) {
  const std::string values = ValueCases(program, {" compadd -- ", ";", " _files;"});
  return Filled(
      Filled(Filled(kZshWords, "@PATHS@", PathPatterns(program, "|")), "@VALUES@", values),
      "@WORDS@", ZshWords(program));
}

std::string FishCompletion(const CommandEntry& program) {
  const auto quoted = [](std::string_view text) { return Quoted(text, "\\'"); };
  std::string script = Filled(kFishWords, "@PATHS@", PathPatterns(program, " "));
  for (const CommandEntry* command : program.All()) {
    const std::string begin = "complete -c daybook -n " + quoted("__daybook_at " + command->path);
    for (const CommandEntry& each : command->commands)
      script += begin + " -f -a " + quoted(each.name) + " -d " + quoted(each.help) + "\n";
    for (const OptionEntry& option : command->options) {
      if (option.flags.empty() && option.choices.empty()) continue;
      std::string line = begin;
      for (const std::string& flag : option.flags)
        line += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
      if (!option.flags.empty() && !option.type.empty()) line += " -r";
      if (!option.choices.empty()) line += " -f -a " + quoted(Joined(option.choices, " "));
      script += line + " -d " + quoted(option.help) + "\n";
    }
  }
  return script;
}

}  // namespace daybook::config
