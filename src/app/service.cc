#include "app/service.h"

#include <pthread.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>

#include "api/api.h"
#include "app/build_info.h"
#include "base/clock.h"
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
  options.threads =
      config.threads != 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
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
  if (const std::size_t fit = ConnectionsThatFit(options.threads); fit < limits.connections_max) {
    spdlog::warn("max-connections lowered from {} to {}: the process may not open more descriptors",
                 limits.connections_max, fit);
    limits.connections_max = fit;
  }
  options.report_fault = [](std::string_view what) {
    spdlog::error("a request handler failed: {}", what);
  };
  return options;
}

void EndAtOnce(int signal) { ::_exit(128 + signal); }

// Blocked in every thread, so that only a wait for them takes them. They have a handler because the
// kernel never takes the default action on a container's first process.
sigset_t BlockStopSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, EndAtOnce);
  std::signal(SIGINT, EndAtOnce);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int WaitFor(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

}  // namespace

api::BuildInfo ThisBuild() { return {kVersion, kRevision, kCompiler}; }

std::string VersionText(const api::BuildInfo& build) {
  return "daybook " + build.version + "\nrevision " + build.revision + "\ncompiler " +
         build.compiler + "\n";
}

int Serve(const config::Config& config) {
  const sigset_t stop_signals = BlockStopSignals();
  spdlog::set_default_logger(spdlog::stdout_logger_mt("daybook"));
  spdlog::set_level(spdlog::level::from_str(config.log_level));
  spdlog::flush_on(spdlog::level::info);

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
  spdlog::info("daybook {} serves on {} (port {}), engine {}, durability {}", kVersion,
               config.listen_address, server->port(), store.engine(),
               log::DurabilityName(store.durability()));

  const int signal = WaitFor(stop_signals);
  spdlog::info("signal {}: finishing {} connections, for {} ms at most", signal,
               server->connections(), config.drain_timeout.count());
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);  // a second one ends at once
  if (!server->Drain(config.drain_timeout)) {
    spdlog::warn("{} connections were still open and are closed now", server->connections());
  }
  spdlog::info("stopped");
  return 0;
}

}  // namespace daybook::app
