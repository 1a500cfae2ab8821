// Who may use the server, as the options say it.
#pragma once

#include "api/access_gate.h"
#include "base/status.h"
#include "config/config.h"

namespace daybook::app {

// Reads the token file, where there is one, and watches it. kInvalidArgument: it is missing or
// wrong.
Result<api::Access> AccessOf(const config::Config& config);

}  // namespace daybook::app
