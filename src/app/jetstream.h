// The engine jetstream, as the options have it.
#pragma once

#include <memory>

#include "base/status.h"
#include "config/config.h"
#include "log/log.h"

namespace daybook::app {

// kInvalidArgument: an option is wrong, or a file that one names.
Result<std::unique_ptr<log::LogStore>> MakeJetStreamStore(const config::Config& config);

}  // namespace daybook::app
