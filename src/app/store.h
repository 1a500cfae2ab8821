// The engine that the options name.
#pragma once

#include <functional>
#include <memory>

#include "base/status.h"
#include "config/config.h"
#include "log/log.h"

namespace daybook::app {

// `on_failure` is called, on any thread, when the store can be served no longer. An error: it
// cannot be opened at all.
Result<std::unique_ptr<log::LogStore>> MakeStore(const config::Config& config,
                                                 std::function<void(const Status&)> on_failure);

}  // namespace daybook::app
