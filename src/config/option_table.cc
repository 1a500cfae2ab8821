#include "config/option_table.h"

#include <algorithm>
#include <utility>

#include "base/units.h"

namespace daybook::config {
void OptionTable::Text(const char* name, std::string Config::*member, const char* type,
                       const char* help, const char* right, IsRight is_right) {
  Option& option = Add(name, type, help, right);
  option.set = [member, is_right](Config& config, const std::string& text) {
    config.*member = text;
    return is_right == nullptr || is_right(text);
  };
  option.get = [member](const Config& config) { return config.*member; };
}

Option& OptionTable::Choice(const char* name, std::string Config::*member,
                            std::initializer_list<std::string> choices, const char* help) {
  std::string right;
  for (const std::string& choice : choices) right += (right.empty() ? "" : "|") + choice;
  Option& option = Add(name, right, help, "one of " + right);
  option.set = [member, all = std::vector(choices)](Config& config, const std::string& text) {
    config.*member = text;
    return std::find(all.begin(), all.end(), text) != all.end();
  };
  option.get = [member](const Config& config) { return config.*member; };
  return option;
}

Option& OptionTable::Switch(const char* name, bool Config::*member, const char* help) {
  Option& option = Add(name, "true|false", help, "true or false");
  option.is_switch = true;
  option.quoted = false;
  option.set = [member](Config& config, const std::string& text) {
    config.*member = text == "true";
    return text == "true" || text == "false";
  };
  option.get = [member](const Config& config) { return config.*member ? "true" : "false"; };
  return option;
}

void OptionTable::Duration(const char* name, milliseconds Config::*member, const char* help,
                           milliseconds min) {
  Option& option = Add(name, "DURATION", help,
                       "a duration from " + FormatDuration(min) + " to " +
                           FormatDuration(kDurationMax) + ", such as 250ms, 30s, 5m or 2h");
  option.set = [member, min](Config& config, const std::string& text) {
    const auto parsed = ParseDuration(text);
    if (!parsed || *parsed < min || *parsed > kDurationMax) return false;
    config.*member = *parsed;
    return true;
  };
  option.get = [member](const Config& config) { return FormatDuration(config.*member); };
}

void OptionTable::Size(const char* name, std::uint64_t Config::*member, const char* help,
                       std::uint64_t bytes_min, std::uint64_t bytes_max) {
  Option& option = Add(name, "SIZE", help,
                       "a size from " + FormatSize(bytes_min) + " to " + FormatSize(bytes_max) +
                           ", such as 512, 64Ki or 1Mi");
  SetNumber(option, member, ParseSize, bytes_min, bytes_max);
  option.get = [member](const Config& config) { return FormatSize(config.*member); };
}

void OptionTable::Count(const char* name, std::uint64_t Config::*member, const char* help,
                        std::uint64_t min, std::uint64_t max) {
  Option& option = Add(name, "NUMBER", help,
                       "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  option.quoted = false;
  SetNumber(option, member, ParseNumber, min, max);
  option.get = [member](const Config& config) { return std::to_string(config.*member); };
}

void OptionTable::SetNumber(Option& option, std::uint64_t Config::*member,
                            std::optional<std::uint64_t> (*parse)(std::string_view),
                            std::uint64_t min, std::uint64_t max) {
  option.set = [=](Config& config, const std::string& text) {
    const auto parsed = parse(text);
    if (!parsed || *parsed < min || *parsed > max) return false;
    config.*member = *parsed;
    return true;
  };
}

Option& OptionTable::Add(const char* name, std::string type, const char* help, std::string right) {
  Option& option = options_.emplace_back();
  option.name = name;
  option.group = group_;
  option.help = help;
  option.type = std::move(type);
  option.right = std::move(right);
  return option;
}

}  // namespace daybook::config
