#include "config/command_tree.h"

#include <cstddef>

namespace daybook::config {
namespace {

// "disk|memory" and "FORM:{text,json}" are choices.
std::vector<std::string> ChoicesIn(const std::string& type) {
  const std::size_t brace = type.find(":{");
  const bool is_set = brace != std::string::npos && type.back() == '}';
  if (!is_set && type.find('|') == std::string::npos) return {};
  const std::string listed = is_set ? type.substr(brace + 2, type.size() - brace - 3) : type;
  return CLI::detail::split(listed, is_set ? ',' : '|');
}

OptionEntry EntryOf(const CLI::Option& option) {
  OptionEntry entry;
  for (const std::string& name : option.get_snames()) entry.flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) entry.flags.push_back("--" + name);
  if (entry.flags.empty()) entry.name = option.get_name(true);
  if (option.get_items_expected_max() > 0) {
    entry.type = option.get_type_name();
    entry.choices = ChoicesIn(entry.type);
    entry.type = entry.type.substr(0, entry.type.find(":{"));
    entry.initial = option.get_default_str();
  }
  entry.help = option.get_description();
  entry.group = option.get_group();
  entry.is_required = option.get_required();
  entry.is_repeated = option.get_items_expected_max() > 1;
  return entry;
}

CommandEntry EntryOf(const CLI::App& command, const std::string& path) {
  CommandEntry entry;
  entry.name = command.get_name();
  entry.path = path.empty() ? entry.name : path + " " + entry.name;
  entry.help = command.get_description();
  entry.footer = command.get_footer();
  for (const CLI::Option* option : command.get_options()) entry.options.push_back(EntryOf(*option));
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; }))
    entry.commands.push_back(EntryOf(*sub, entry.path));
  return entry;
}

}  // namespace

std::vector<const CommandEntry*> CommandEntry::All() const {
  std::vector<const CommandEntry*> all{this};
  for (const CommandEntry& command : commands) {
    const std::vector<const CommandEntry*> below = command.All();
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

CommandEntry TreeOf(const CLI::App& program) { return EntryOf(program, ""); }

}  // namespace daybook::config
