// The options that say who may use the server, and how much of it.
#pragma once

#include "base/status.h"
#include "config/config.h"
#include "config/option_table.h"

namespace daybook::config {

void AddAccessOptions(OptionTable& table);

// Whether those options go together. kInvalidArgument.
Status CheckAccessOptions(const Config& config);

}  // namespace daybook::config
