#include "config/sources.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <initializer_list>
#include <system_error>
#include <utility>

#include "config/options.h"

namespace daybook::config {
namespace {

constexpr std::string_view kPrefix = "DAYBOOK_";

std::vector<std::string_view> SplitName(std::string_view name) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t end = name.find('_');
    words.push_back(name.substr(0, end));
    if (end == std::string_view::npos) return words;
    name.remove_prefix(end + 1);
  }
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Whether Kubernetes set this variable, for a Service whose name begins with "daybook": the
// environment variables of "Discovering services" in its documentation.
bool IsServiceLink(std::string_view name, std::string_view value) {
  const std::vector<std::string_view> words = SplitName(name);
  // The word that many before the last one.
  const auto word = [&](std::size_t before) {
    return before < words.size() ? words[words.size() - 1 - before] : std::string_view();
  };
  const auto is_port_number = [&](std::size_t before) {
    const std::string_view number = word(before);
    return word(before + 1) == "PORT" && !number.empty() &&
           number.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const auto is_protocol = [&](std::size_t before) {
    return IsOneOf(word(before), {"TCP", "UDP", "SCTP"});
  };
  const bool service =
      word(1) == "SERVICE" && IsOneOf(word(0), {"HOST", "PORT"});  // DAYBOOK_SERVICE_HOST
  constexpr std::string_view kNamedPort = "_SERVICE_PORT_";        // DAYBOOK_SERVICE_PORT_HTTP
  const bool part = IsOneOf(word(0), {"PROTO", "PORT", "ADDR"}) && is_protocol(1) &&
                    is_port_number(2);  // DAYBOOK_PORT_8080_TCP_ADDR
  const bool port = word(0) == "PORT" || (is_protocol(0) && is_port_number(1));  // DAYBOOK_PORT
  const bool address = IsOneOf(value.substr(0, value.find("://")), {"tcp", "udp", "sctp"});
  return service || name.find(kNamedPort) != std::string_view::npos || part || (port && address);
}

// Levenshtein's: how many insertions, deletions and substitutions lead from one to the other.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

}  // namespace

std::string DidYouMean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string* nearest = nullptr;
  std::size_t least = name.size() / 3 + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = EditDistance(name, candidate);
    if (distance >= least) continue;
    least = distance;
    nearest = &candidate;
  }
  return nearest == nullptr ? std::string() : "; did you mean " + *nearest + "?";
}

Result<Settings> SettingsOf(const Environment& environment) {
  std::vector<std::string> variables{std::string(kFileVariable)};
  for (const Option& option : Options()) variables.push_back(option.variable());
  Settings settings;
  for (const std::string& entry : environment) {
    const std::size_t equal = entry.find('=');
    if (entry.rfind(kPrefix, 0) != 0 || equal == std::string::npos) continue;
    const std::string name = entry.substr(0, equal);
    if (IsOneOf(name, {kServerVariable, kTokenVariable})) continue;  // of the clients
    const std::string value = entry.substr(equal + 1);
    const auto known = std::find(variables.begin(), variables.end(), name);
    if (known != variables.end()) {
      const std::string option =
          known == variables.begin()
              ? "config"
              : Options()[static_cast<std::size_t>(known - variables.begin() - 1)].name;
      if (!value.empty()) settings[option] = Setting{value, name};
    } else if (!IsServiceLink(name, value)) {
      return Mistake("the environment variable " + name + " is no option's" +
                     DidYouMean(name, variables));
    }
  }
  return settings;
}

Result<Settings> SettingsOfFile(const std::string& path) {
  std::ifstream file(path);
  if (!file.is_open()) {
    return Status(StatusCode::kIo, "cannot read the configuration file '" + path +
                                       "': " + std::generic_category().message(errno));
  }
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(file);
  } catch (const std::exception& failure) {
    return Mistake(path + ": " + failure.what());
  }
  std::vector<std::string> names;
  for (const Option& option : Options()) names.push_back(option.name);
  Settings settings;
  for (const CLI::ConfigItem& item : items) {
    if (!item.parents.empty()) {
      return Mistake(path + ": [" + item.parents.front() + "]: the file has no sections");
    }
    const Option* option = FindOption(item.name);
    if (option == nullptr) {
      return Mistake(path + ": '" + item.name + "' is no option" + DidYouMean(item.name, names));
    }
    if (item.inputs.size() != 1 || settings.count(option->name) != 0) {
      return Mistake(path + ": " + item.name + " takes one value, once");
    }
    settings[option->name] = Setting{item.inputs.front(), path + ": " + option->name};
  }
  return settings;
}

}  // namespace daybook::config
