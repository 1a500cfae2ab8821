// The program's manual page, daybook(1), in roff.
#pragma once

#include <string>

#include "config/command_tree.h"

namespace daybook::config {

std::string ManPage(const CommandEntry& program);

}  // namespace daybook::config
