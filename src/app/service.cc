#include "app/service.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "api/api.h"
#include "app/build_info.h"
#include "app/signals.h"
#include "base/clock.h"
#include "base/cpus.h"
#include "base/logging.h"
#include "http/server.h"
#include "log/memory_log.h"

namespace daybook::app {
namespace {

// Descriptors for everything that is no client's connection: epoll, mail and wake-up of each
// worker, and the rest.
constexpr std::size_t kDescriptorsPerThread = 4;
constexpr std::size_t kOtherDescriptors = 64;

std::size_t ConnectionsThatFit(std::size_t threads) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return SIZE_MAX;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t others = kOtherDescriptors + threads * kDescriptorsPerThread;
  return std::max<std::size_t>(limit.rlim_cur, others + 1) - others;
}

http::ServerOptions ServerOptionsOf(const config::Config& config) {
  http::ServerOptions options;
  options.listen_address = config.listen_address;
  options.threads = config.threads != 0 ? config.threads : UsableCpus();
  http::Limits& limits = options.limits;
  limits.connections_max = config.max_connections;
  limits.target_bytes_max = config.max_target;
  limits.header_bytes_max = config.max_header;
  limits.body_bytes_max = config.max_body;
  limits.body_memory_bytes_max = config.body_memory;
  limits.pipelined_bytes_max = config.max_pipelined;
  limits.unread_answer_bytes_max = config.max_unread_answers;
  limits.idle_timeout = config.idle_timeout;
  limits.header_timeout = config.header_timeout;
  limits.body_timeout = config.body_timeout;
  limits.write_timeout = config.write_timeout;
  limits.linger_timeout = config.linger_timeout;
  limits.linger_total_timeout = config.linger_total_timeout;
  if (const std::size_t fit = ConnectionsThatFit(options.threads); fit < limits.connections_max) {
    logging::Warn("max-connections is lowered: the process may not open more descriptors",
                  {{"from", limits.connections_max}, {"to", fit}});
    limits.connections_max = fit;
  }
  options.report_fault = [](std::string_view what) {
    logging::Error("a request handler failed", {{"what", what}});
  };
  return options;
}

logging::Level LevelOf(const std::string& name) {
  if (name == "debug") return logging::Level::kDebug;
  if (name == "warn") return logging::Level::kWarn;
  return name == "error" ? logging::Level::kError : logging::Level::kInfo;
}

logging::Format FormatOf(const std::string& name) {
  const bool text = name == "text" || (name == "auto" && ::isatty(STDOUT_FILENO) == 1);
  return text ? logging::Format::kText : logging::Format::kJson;
}

void TakeOver(const Result<config::Config>& reread, config::Config& config) {
  if (!reread.ok()) {
    logging::Error("the configuration is wrong and stays as it was",
                   {{"mistake", reread.status().message()}});
    return;
  }
  for (const config::Change& change : config::ChangesBetween(config, *reread)) {
    logging::Info(
        change.needs_restart ? "an option changes at the next start" : "an option changed",
        {{"option", change.name}, {"before", change.before}, {"after", change.after}});
  }
  config.log_level = reread->log_level;
  config.access_log = reread->access_log;
  logging::SetLevel(LevelOf(config.log_level));
}

}  // namespace

api::BuildInfo ThisBuild() { return {kVersion, kRevision, kCompiler}; }

std::string VersionText(const api::BuildInfo& build) {
  return "daybook " + build.version + "\nrevision " + build.revision + "\ncompiler " +
         build.compiler + "\n";
}

int Serve(const config::Config& initial, const std::function<Result<config::Config>()>& reread) {
  const Signals signals;
  NameFatalSignals();
  config::Config config = initial;
  logging::SetLevel(LevelOf(config.log_level));
  const logging::Writer log_writer(STDOUT_FILENO, FormatOf(config.log_format));

  log::MemoryLogStore store(Clock::System(), config.memory_limit);
  const api::ApiLimits api_limits{config.max_record_value};
  auto started =
      http::Server::Start(ServerOptionsOf(config), api::MakeRouter(store, ThisBuild(), api_limits));
  if (!started.ok()) {
    const Status status = started.status();
    std::fprintf(stderr, "daybook: %s\n", status.message().c_str());
    return status.code() == StatusCode::kInvalidArgument ? 2 : 1;
  }
  const std::unique_ptr<http::Server> server = std::move(*started);
  logging::Info("serving", {{"address", config.listen_address},
                            {"port", server->port()},
                            {"engine", store.engine()},
                            {"durability", log::DurabilityName(store.durability())},
                            {"version", kVersion}});

  int signal = 0;
  while ((signal = signals.Wait()) == SIGHUP) TakeOver(reread(), config);
  logging::Info("stopping", {{"signal", signal},
                             {"connections", server->connections()},
                             {"drain_timeout_ms", config.drain_timeout.count()}});
  signals.LetStopEndAtOnce();
  if (!server->Drain(config.drain_timeout)) {
    logging::Warn("connections are closed that were still open",
                  {{"connections", server->connections()}});
  }
  logging::Info("stopped");
  return 0;
}

}  // namespace daybook::app
