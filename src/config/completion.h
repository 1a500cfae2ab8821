// Scripts that have a shell complete the program's commands, options, and values that are choices.
#pragma once

#include <string>

#include "config/command_tree.h"

namespace daybook::config {

std::string BashCompletion(const CommandEntry& program);
std::string ZshCompletion(const CommandEntry& program);
std::string FishCompletion(const CommandEntry& program);

}  // namespace daybook::config
