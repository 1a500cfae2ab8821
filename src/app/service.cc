#include "app/service.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "api/api.h"
#include "app/access_log.h"
#include "app/build_info.h"
#include "app/signals.h"
#include "base/clock.h"
#include "base/cpus.h"
#include "base/logging.h"
#include "http/server.h"
#include "log/memory_log.h"
#include "metrics/collectors.h"
#include "metrics/registry.h"

namespace daybook::app {
namespace {

// Descriptors for everything that is no client's connection: epoll, mail and wake-up of each
// worker, and the rest.
constexpr std::size_t kDescriptorsPerThread = 4;
constexpr std::size_t kOtherDescriptors = 128;
// Of scrapers and probes, where they have an address of their own.
constexpr std::size_t kOperationsConnectionsMax = 64;

std::size_t ConnectionsThatFit(std::size_t threads) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return SIZE_MAX;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t others = kOtherDescriptors + threads * kDescriptorsPerThread;
  return std::max<std::size_t>(limit.rlim_cur, others + 1) - others;
}

http::ServerOptions ServerOptionsOf(const config::Config& config, AccessLog& access_log) {
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
  options.observer = &access_log;
  return options;
}

http::ServerOptions OperationsServerOptionsOf(const config::Config& config, AccessLog& access_log) {
  http::ServerOptions options;
  options.listen_address = config.metrics_address;
  options.limits.connections_max = kOperationsConnectionsMax;
  options.observer = &access_log;
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

void TakeOver(const Result<config::Config>& reread, config::Config& config, AccessLog& access_log) {
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
  access_log.Switch(config.access_log);
}

// Says why on standard error; returns the exit code.
int CannotStart(const char* option, const Status& status) {
  std::fprintf(stderr, "daybook: %s: %s\n", option, status.message().c_str());
  return status.code() == StatusCode::kInvalidArgument ? 2 : 1;
}

void SayServing(const char* what, const std::string& address, const http::Server& server) {
  logging::Info(what, {{"address", address}, {"port", server.port()}});
  if (server.without_ipv6())
    logging::Warn("there is no IPv6 here: IPv4 alone is listened on", {{"address", address}});
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

  AccessLog access_log;
  access_log.Switch(config.access_log);

  log::MemoryLogStore store(Clock::System(), config.memory_limit);
  const api::BuildInfo build = ThisBuild();
  metrics::Registry registry;
  const api::MetricsText metrics_text = [&registry] { return registry.Text(); };
  const metrics::ProcessCollector process(build.version, build.revision, build.compiler,
                                          store.engine());
  const metrics::Registration process_registered(registry, process);
  const metrics::LoggingCollector log_lines(log_writer);
  const metrics::Registration log_lines_registered(registry, log_lines);
  const metrics::LogCollector logs(store);
  const metrics::Registration logs_registered(registry, logs);

  // Serves until all else has stopped.
  std::unique_ptr<http::Server> operations_server;
  if (!config.metrics_address.empty()) {
    auto started = http::Server::Start(OperationsServerOptionsOf(config, access_log),
                                       api::MakeOperationsRouter(store, build, metrics_text));
    if (!started.ok()) return CannotStart("metrics-address", started.status());
    operations_server = std::move(*started);
    SayServing("serving metrics and probes", config.metrics_address, *operations_server);
  }
  auto started =
      http::Server::Start(ServerOptionsOf(config, access_log),
                          api::MakeRouter(store, build, api::ApiLimits{config.max_record_value},
                                          operations_server == nullptr ? metrics_text : nullptr));
  if (!started.ok()) return CannotStart("listen-address", started.status());
  const std::unique_ptr<http::Server> server = std::move(*started);
  std::vector<const http::Server*> servers = {server.get()};
  if (operations_server != nullptr) servers.push_back(operations_server.get());
  const metrics::HttpCollector http(servers);
  const metrics::Registration http_registered(registry, http);
  logging::Info("started", {{"version", kVersion},
                            {"engine", store.engine()},
                            {"durability", log::DurabilityName(store.durability())}});
  SayServing("serving", config.listen_address, *server);

  int signal = 0;
  while ((signal = signals.Wait()) == SIGHUP) TakeOver(reread(), config, access_log);
  logging::Info("stopping", {{"signal", signal},
                             {"connections", server->connections()},
                             {"drain_timeout_ms", config.drain_timeout.count()}});
  signals.LetStopEndAtOnce();
  if (config.drain_delay.count() > 0) {
    server->StartClosing();
    std::this_thread::sleep_for(config.drain_delay);
  }
  if (!server->Drain(config.drain_timeout)) {
    logging::Warn("connections are closed that were still open",
                  {{"connections", server->connections()}});
  }
  logging::Info("stopped");
  return 0;
}

}  // namespace daybook::app
