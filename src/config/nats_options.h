// The options of the engine jetstream: where NATS is, what is asked of it, and as whom.
#pragma once

#include "base/status.h"
#include "config/config.h"
#include "config/option_table.h"

namespace daybook::config {

void AddNatsOptions(OptionTable& table);

// Whether the engine jetstream can begin with them; with another engine nothing is asked of them.
// kInvalidArgument names what is missing, what contradicts another option, and a file that cannot
// be read with errno's text.
Status CheckNatsOptions(const Config& config);

}  // namespace daybook::config
