// LogStore::Find() for tools, benchmarks and tests, which have nothing else to do meanwhile. Never
// on a thread that serves connections.
#pragma once

#include <memory>
#include <string_view>

#include "base/status.h"
#include "log/log.h"

namespace daybook::log {

// What Find() answers, when it does.
Result<std::shared_ptr<Log>> FindAndWait(LogStore& store, std::string_view name);

}  // namespace daybook::log
