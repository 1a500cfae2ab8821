#include "config/client_settings.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.h"

namespace daybook::config {
namespace {

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

std::string ValueIn(const Environment& environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=')
      return entry.substr(name.size() + 1);
  }
  return {};
}

Result<std::string> TokenInFile(const std::string& path, const char* source) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file.is_open() || file.bad()) {
    return Mistake(std::string(source) + ": cannot read the file '" + path +
                   "': " + std::generic_category().message(errno));
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

CLI::Option* AddText(CLI::App& command, const char* names, GivenText& text, const char* help) {
  return command.add_option_function<std::string>(
      names, [&text](const std::string& given) { text = given; }, help);
}

Status CheckNotEmpty(const char* option, const GivenText& text) {
  return text && text->empty() ? Mistake(std::string(option) + " is empty") : Status();
}

Result<std::optional<std::uint64_t>> NumberOf(const char* option, const GivenText& text) {
  if (!text) return std::optional<std::uint64_t>();
  const std::optional<std::uint64_t> number = ParseNumber(*text);
  if (!number) {
    return Mistake(std::string(option) + ": '" + *text +
                   "' is not a whole number from 0 to 18446744073709551615");
  }
  return number;
}

Result<std::string> TokenOf(const std::string& text, const Environment& environment) {
  const char* const source = text.empty() ? kTokenVariable.data() : "--token";
  const std::string given = text.empty() ? ValueIn(environment, kTokenVariable) : text;
  if (given.empty()) return std::string();
  Result<std::string> token =
      given.front() == '@' ? TokenInFile(given.substr(1), source) : Result<std::string>(given);
  if (!token.ok()) return token;
  const bool right = !token->empty() && std::all_of(token->begin(), token->end(),
                                                    [](char c) { return c > ' ' && c <= '~'; });
  if (right) return token;
  return Mistake(std::string(source) +
                 ": a token is of printable ASCII characters, without spaces");
}

void ClientSettings::AddTo(CLI::App& command, std::initializer_list<const char*> outputs) {
  const std::string server_help =
      "where it listens; DAYBOOK_SERVER; else " + ClientOptions().server;
  AddText(command, "--server", server_, server_help.c_str())->type_name("URL");
  AddText(command, "--token", token_,
          "what the server knows one by, or @ and a file that has it; DAYBOOK_TOKEN")
      ->type_name("TOKEN");
  AddText(command, "--timeout", timeout_,
          command.get_name() == "tail"
              ? "how long to try again while no server is there; else for ever"
              : "how long to try again while no server is there; else 30s; none: for ever")
      ->type_name("DURATION");
  std::string type;
  for (const char* form : outputs) type.append(type.empty() ? "" : "|").append(form);
  command.add_option("-o,--output", output_, "how what the server says is written")
      ->type_name(type)
      ->check(
          CLI::IsMember(std::vector<std::string>(outputs.begin(), outputs.end())).description(""))
      ->capture_default_str();
}

Result<ClientOptions> ClientSettings::Take(const Environment& environment) const {
  ClientOptions options;
  const std::string variable = ValueIn(environment, kServerVariable);
  if (!variable.empty()) options.server = variable;
  if (server_) options.server = *server_;
  if (Status status = CheckNotEmpty("--server", server_); !status.ok()) return status;
  if (Status status = CheckNotEmpty("--token", token_); !status.ok()) return status;
  Result<std::string> token = TokenOf(token_.value_or(""), environment);
  if (!token.ok()) return token.status();
  options.token = std::move(*token);
  if (timeout_) {
    options.timeout = ParseDuration(*timeout_);
    if (timeout_ != "none" && (!options.timeout || options.timeout->count() == 0)) {
      return Mistake("--timeout: '" + *timeout_ +
                     "' is neither a duration, such as 250ms, 30s or 5m, nor none");
    }
  }
  options.output = output_ == "json"  ? OutputForm::kJson
                   : output_ == "raw" ? OutputForm::kRaw
                                      : OutputForm::kText;
  return options;
}

}  // namespace daybook::config
