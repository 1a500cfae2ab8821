#include "config/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <utility>

#include "base/units.h"
#include "config/client_commands.h"
#include "config/client_settings.h"
#include "config/command_tree.h"
#include "config/completion.h"
#include "config/man_page.h"
#include "config/options.h"
#include "config/sources.h"
#include "config/tools.h"

namespace daybook::config {
namespace {

constexpr int kBadConfiguration = 2;

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

// The program's command line, as CLI11 reads it; values are texts until all sources are together.
class Parser {
 public:
  Parser() {
    app_.require_subcommand(1);
    serve_->allow_extras();
    serve_->add_option("--config", file_, "a file of options in TOML; DAYBOOK_CONFIG")
        ->type_name("FILE");
    serve_->add_flag("--print-config", print_,
                     "print the options in effect as such a file, and end");
    for (const Option& option : Options()) Add(option);
    serve_->footer(
        "Each option is also a variable, DAYBOOK_IDLE_TIMEOUT for --idle-timeout, and a key of "
        "the\n"
        "configuration file. A flag counts before a variable, a variable before the file.");
    probe_->add_option("--url", probe_options_.url, "where the server listens")
        ->type_name("URL")
        ->capture_default_str();
    probe_->add_option("--metrics-url", probe_options_.metrics_url, "where /metrics is; --url")
        ->type_name("URL");
    probe_->add_option("--timeout", timeout_, "for all of it, and for the server to become ready")
        ->type_name("DURATION")
        ->default_str(FormatDuration(probe_options_.timeout));
    probe_
        ->add_option("--token", token_,
                     "what the server knows one by, or @ and a file that has it; DAYBOOK_TOKEN")
        ->type_name("TOKEN");
    probe_->add_flag("--read-only", probe_options_.read_only, "append nothing");
    completion_->add_option("SHELL", shell_, "which one")
        ->required()
        ->type_name("bash|zsh|fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
    completion_->footer(
        "bash: eval \"$(daybook completion bash)\"; zsh: source <(daybook completion zsh); fish:\n"
        "daybook completion fish | source.");
    app_.get_formatter()->column_width(40);
  }

  // Throws CLI::Error, of which CLI::Success is no mistake.
  void Parse(Arguments arguments) {
    arguments = ClientCommands::Marked(std::move(arguments));
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants a vector
    app_.parse(std::move(arguments));
  }
  int Exit(const CLI::Error& error) const { return app_.exit(error); }

  // Of a command that is neither serve nor probe; false where none was given.
  Result<bool> TakeCommand(const Environment& environment, CommandLine& command_line) const {
    Result<bool> taken = tools_.Take(command_line);
    return taken.ok() && !*taken ? clients_.Take(environment, command_line) : taken;
  }
  bool version() const { return version_->parsed(); }
  // What completion or man print; empty: neither was given.
  std::string Document() const {
    if (man_->parsed()) return ManPage(TreeOf(app_));
    if (!completion_->parsed()) return {};
    return shell_ == "bash"  ? BashCompletion(TreeOf(app_))
           : shell_ == "zsh" ? ZshCompletion(TreeOf(app_))
                             : FishCompletion(TreeOf(app_));
  }
  bool probe() const { return probe_->parsed(); }
  bool print() const { return print_; }

  Result<ProbeOptions> Probe(const Environment& environment) const {
    ProbeOptions options = probe_options_;
    Result<std::string> token = TokenOf(token_, environment);
    if (!token.ok()) return token.status();
    options.token = std::move(*token);
    if (timeout_.empty()) return options;
    const auto timeout = ParseDuration(timeout_);
    if (!timeout || timeout->count() == 0)
      return Mistake("--timeout: '" + timeout_ + "' is not a duration, such as 250ms, 30s or 5m");
    options.timeout = *timeout;
    return options;
  }

  Result<Settings> Collect(const Environment& environment) const {
    if (const std::vector<std::string> extras = serve_->remaining(); !extras.empty()) {
      std::vector<std::string> flags{"--config", "--print-config", "--help"};
      for (const Option& option : Options()) flags.push_back(option.flag());
      const std::string flag = extras.front().substr(0, extras.front().find('='));
      return Mistake("'" + flag + "' is no option of serve" + DidYouMean(flag, flags));
    }
    Settings settings;
    for (const auto& [name, flag] : flags_) {
      if (flag.option->count() > 0) settings[name] = Setting{flag.text, "--" + name};
    }
    Result<Settings> variables = SettingsOf(environment);
    if (!variables.ok()) return variables.status();
    settings.insert(variables->begin(), variables->end());
    const std::string file = !file_.empty() ? file_ : settings["config"].text;
    settings.erase("config");
    if (file.empty()) return settings;
    Result<Settings> keys = SettingsOfFile(file);
    if (!keys.ok()) return keys.status();
    settings.insert(keys->begin(), keys->end());
    return settings;
  }

 private:
  struct Flag {
    CLI::Option* option = nullptr;
    std::string text;
  };

  void Add(const Option& option) {
    Flag& flag = flags_[option.name];
    flag.option = option.is_switch ? serve_->add_flag(option.flag(), flag.text, option.help)
                                   : serve_->add_option(option.flag(), flag.text, option.help);
    flag.option->group(option.group)->default_str(option.get(Config()));
    if (!option.is_switch) flag.option->type_name(option.type);
  }

  CLI::App app_{"daybook: an append-only commit log over HTTP", "daybook"};
  CLI::App* serve_ =
      app_.add_subcommand("serve", "Serve the log over HTTP until SIGTERM or SIGINT");
  CLI::App* probe_ = app_.add_subcommand(
      "probe", "Ask a running server: is it ready, append a record, read it back, see its metrics");
  const ClientCommands clients_{app_};
  const ToolCommands tools_{app_};
  CLI::App* completion_ = app_.add_subcommand(
      "completion", "Print a script that has a shell complete commands and options");
  CLI::App* man_ = app_.add_subcommand("man", "Print the manual page: daybook man | man -l -");
  CLI::App* version_ = app_.add_subcommand("version", "Say which daybook this is");
  std::string shell_;
  std::string file_;
  bool print_ = false;
  ProbeOptions probe_options_;
  std::string timeout_;
  std::string token_;
  std::map<std::string, Flag> flags_;
};

Result<Config> Apply(const Settings& settings) {
  Config config;
  const auto engine = settings.find("engine");
  if (engine != settings.end() && engine->second.text == "jetstream")
    config.drain_delay = kDrainDelayReplicated;
  for (const auto& [name, setting] : settings) {
    const Option& option = *FindOption(name);
    if (!option.set(config, setting.text))
      return Mistake(setting.source + ": '" + setting.text + "' is not " + option.right);
  }
  if (Status together = CheckTogether(config); !together.ok()) return together;
  return config;
}

// As a file that --config takes, with where each value is from.
std::string Print(const Config& config, const Settings& settings) {
  std::string text;
  std::string group;
  for (const Option& option : Options()) {
    if (option.group != group) text += (group.empty() ? "# " : "\n# ") + option.group + "\n";
    group = option.group;
    const char* const quote = option.quoted ? "\"" : "";
    text.append(option.name).append(" = ").append(quote).append(option.get(config)).append(quote);
    const auto setting = settings.find(option.name);
    if (setting != settings.end()) text += "  # " + setting->second.source;
    text += "\n";
  }
  return text;
}

}  // namespace

CommandLine ParseCommandLine(const Arguments& arguments, const Environment& environment) {
  CommandLine command_line;
  Parser parser;
  const auto mistake = [&](std::string_view what) {
    std::cerr << "daybook: " << what << "\nSee daybook --help and daybook serve --help.\n";
    command_line.exit_code = kBadConfiguration;
    return command_line;
  };
  try {
    parser.Parse(arguments);
  } catch (const CLI::Success& done) {
    parser.Exit(done);
    return command_line;
  } catch (const CLI::ParseError& error) {
    return mistake(error.what());
  }
  if (const std::string document = parser.Document(); !document.empty()) {
    std::cout << document;
    return command_line;
  }
  if (parser.version()) {
    command_line.action = CommandLine::Action::kVersion;
    return command_line;
  }
  if (parser.probe()) {
    const Result<ProbeOptions> options = parser.Probe(environment);
    if (!options.ok()) return mistake(options.status().message());
    command_line.probe = *options;
    command_line.action = CommandLine::Action::kProbe;
    return command_line;
  }
  const Result<bool> tool = parser.TakeCommand(environment, command_line);
  if (!tool.ok()) return mistake(tool.status().message());
  if (*tool) return command_line;
  const Result<Settings> settings = parser.Collect(environment);
  if (!settings.ok()) return mistake(settings.status().message());
  const Result<Config> config = Apply(*settings);
  if (!config.ok()) return mistake(config.status().message());
  if (parser.print()) {
    std::cout << Print(*config, *settings);
    return command_line;
  }
  command_line.config = *config;
  command_line.action = CommandLine::Action::kServe;
  return command_line;
}

Result<Config> Reread(const Arguments& arguments, const Environment& environment) {
  Parser parser;
  try {
    parser.Parse(arguments);
  } catch (const CLI::Error& error) {
    return Mistake(error.what());
  }
  const Result<Settings> settings = parser.Collect(environment);
  if (!settings.ok()) return settings.status();
  return Apply(*settings);
}

std::vector<Change> ChangesBetween(const Config& before, const Config& after) {
  std::vector<Change> changes;
  for (const Option& option : Options()) {
    Change change{option.name, option.get(before), option.get(after), !option.reloadable};
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace daybook::config
