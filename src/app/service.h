// Service is the running program: it owns the store and the server, starts them in their order, and
// stops them in the other one when it is told to.
#pragma once

#include <functional>
#include <string>

#include "api/operations.h"
#include "base/status.h"
#include "config/config.h"

namespace daybook::app {

// Which daybook this is.
api::BuildInfo ThisBuild();

// `daybook version`: one line a fact.
std::string VersionText(const api::BuildInfo& build);

// `daybook serve`: serves until SIGTERM or SIGINT, finishes what is under way, and returns the
// process's exit code: 0 after such a stop, 1 when it could not start, 2 when an option is wrong. A
// second signal ends the process at once. SIGHUP has `reread` called and takes over what can
// change. To be called before any other thread is started.
int Serve(const config::Config& config, const std::function<Result<config::Config>()>& reread);

}  // namespace daybook::app
