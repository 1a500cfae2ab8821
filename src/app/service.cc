#include "app/service.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "api/api.h"
#include "app/access.h"
#include "app/access_log.h"
#include "app/build_info.h"
#include "app/server_options.h"
#include "app/signals.h"
#include "app/store.h"
#include "base/heap.h"
#include "base/logging.h"
#include "http/server.h"
#include "log/log.h"
#include "metrics/collectors.h"
#include "metrics/registry.h"

namespace daybook::app {
namespace {

// How long a server whose engine has failed goes on giving the answers that it owes.
constexpr std::chrono::milliseconds kLastAnswers{500};

logging::Level LevelOf(const std::string& name) {
  if (name == "debug") return logging::Level::kDebug;
  if (name == "warn") return logging::Level::kWarn;
  return name == "error" ? logging::Level::kError : logging::Level::kInfo;
}

logging::Format FormatOf(const std::string& name) {
  const bool text = name == "text" || (name == "auto" && ::isatty(STDOUT_FILENO) == 1);
  return text ? logging::Format::kText : logging::Format::kJson;
}

// Says why on standard error; returns the exit code.
int CannotStart(const char* option, const Status& status) {
  std::fprintf(stderr, "daybook: %s: %s\n", option, status.message().c_str());
  return status.code() == StatusCode::kInvalidArgument ? 2 : 1;
}

// In a pod it is not the folder's modes that are to be changed.
Status WithAdvice(const Status& status, const std::string& data_dir) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment.
  const bool in_pod = std::getenv("KUBERNETES_SERVICE_HOST") != nullptr;
  const bool denied = ::access(data_dir.c_str(), R_OK | W_OK | X_OK) != 0 && errno == EACCES;
  if (!in_pod || !denied) return status;
  return {status.code(), status.message() +
                             "; the pod's securityContext.fsGroup gives the volume to a group that "
                             "the process is in"};
}

void SayServing(const char* what, const std::string& address, const http::Server& server) {
  logging::Info(what, {{"address", address}, {"port", server.port()}});
  if (server.without_ipv6())
    logging::Warn("there is no IPv6 here: IPv4 alone is served", {{"address", address}});
}

// Keeps that the engine can serve no longer, says why on standard error and in the log, and has the
// program stopped.
class Failure {
 public:
  void Report(const Status& status) {
    if (happened_.exchange(true)) return;
    std::fprintf(stderr, "daybook: the log can be served no longer: %s\n",
                 status.message().c_str());
    logging::Error("the log can be served no longer", {{"reason", status.message()}});
    ::kill(::getpid(), SIGTERM);
  }
  bool happened() const { return happened_; }

 private:
  std::atomic<bool> happened_{false};
};

// Owns everything but the store, in the order in which it is started.
class Service {
 public:
  // All of them outlive the service.
  Service(const config::Config& config, std::function<Result<config::Config>()> reread,
          api::Access access, const Signals& signals, const logging::Writer& log_writer,
          log::LogStore& store, const Failure& failure)
      : config_(config),
        reread_(std::move(reread)),
        access_(std::move(access)),
        signals_(signals),
        failure_(failure),
        store_(&store),
        process_(build_.version, build_.revision, build_.compiler, store.engine()),
        log_lines_(log_writer),
        logs_(*store_, SeriesLimitsOf(config)),
        live_collector_(live_),
        access_collector_(access_),
        process_registered_(registry_, process_),
        log_lines_registered_(registry_, log_lines_),
        logs_registered_(registry_, logs_),
        live_registered_(registry_, live_collector_),
        access_registered_(registry_, access_collector_) {
    access_log_.Switch(config_.access_log);
  }

  int Run() {
    if (const int exit_code = Start(); exit_code != 0) return exit_code;
    const int signal = WaitForStop();
    Stop(signal);
    return failure_.happened() ? 1 : 0;
  }

 private:
  // Returns the exit code where it cannot.
  int Start() {
    const api::MetricsText metrics_text = [this] { return registry_.Text(); };
    const api::Leaving leaving = [this] { return leaving_.load(); };
    if (!config_.metrics_address.empty()) {
      auto started = http::Server::Start(
          OperationsServerOptionsOf(config_, access_log_),
          api::MakeOperationsRouter(*store_, build_, metrics_text, leaving, access_));
      if (!started.ok()) return CannotStart("metrics-address", started.status());
      operations_server_ = std::move(*started);
      SayServing("serving metrics and probes", config_.metrics_address, *operations_server_);
    }
    auto started =
        http::Server::Start(ServerOptionsOf(config_, access_log_),
                            api::MakeRouter(*store_, build_, ApiLimitsOf(config_),
                                            operations_server_ == nullptr ? metrics_text : nullptr,
                                            leaving, live_, access_));
    if (!started.ok()) return CannotStart("listen-address", started.status());
    server_ = std::move(*started);
    std::vector<const http::Server*> servers = {server_.get()};
    if (operations_server_ != nullptr) servers.push_back(operations_server_.get());
    http_.emplace(std::move(servers));
    http_registered_.emplace(registry_, *http_);
    logging::Info("started", {{"version", build_.version},
                              {"engine", store_->engine()},
                              {"durability", log::DurabilityName(store_->durability())},
                              {"tokens", access_.tokens != nullptr ? "needed" : "not needed"}});
    SayServing("serving", config_.listen_address, *server_);
    return 0;
  }

  int WaitForStop() {
    for (;;) {
      const int signal = signals_.Wait();
      if (signal != SIGHUP) return signal;
      TakeOver(reread_());
    }
  }

  void TakeOver(const Result<config::Config>& reread) {
    if (!reread.ok()) {
      logging::Error("the configuration is wrong and stays as it was",
                     {{"mistake", reread.status().message()}});
      return;
    }
    for (const config::Change& change : config::ChangesBetween(config_, *reread)) {
      logging::Info(
          change.needs_restart ? "an option changes at the next start" : "an option changed",
          {{"option", change.name}, {"before", change.before}, {"after", change.after}});
    }
    config_.log_level = reread->log_level;
    config_.access_log = reread->access_log;
    logging::SetLevel(LevelOf(config_.log_level));
    access_log_.Switch(config_.access_log);
  }

  void Stop(int signal) {
    logging::Info("stopping", {{"signal", signal},
                               {"connections", server_->connections()},
                               {"drain_timeout_ms", config_.drain_timeout.count()}});
    signals_.LetStopEndAtOnce();
    if (failure_.happened()) config_.drain_timeout = std::min(config_.drain_timeout, kLastAnswers);
    // Another engine's log has no other server that clients could be sent to.
    leaving_ = config_.engine == "jetstream";
    if (config_.drain_delay.count() > 0 && !failure_.happened()) {
      server_->StartClosing();
      std::this_thread::sleep_for(config_.drain_delay);
    }
    if (!server_->Drain(config_.drain_timeout)) {
      logging::Warn("connections are closed that were still open",
                    {{"connections", server_->connections()}});
    }
    store_->Close();
    logging::Info("stopped");
  }

  config::Config config_;
  const std::function<Result<config::Config>()> reread_;
  const api::Access access_;
  const Signals& signals_;
  const Failure& failure_;
  log::LogStore* const store_;
  const api::BuildInfo build_ = ThisBuild();
  std::atomic<bool> leaving_{false};  // what /readyz says
  AccessLog access_log_;
  metrics::Registry registry_;
  const metrics::ProcessCollector process_;
  const metrics::LoggingCollector log_lines_;
  const metrics::LogCollector logs_;
  const std::shared_ptr<api::LiveStats> live_ = std::make_shared<api::LiveStats>();
  const metrics::LiveCollector live_collector_;
  const metrics::AccessCollector access_collector_;
  const metrics::Registration process_registered_;
  const metrics::Registration log_lines_registered_;
  const metrics::Registration logs_registered_;
  const metrics::Registration live_registered_;
  const metrics::Registration access_registered_;
  std::unique_ptr<http::Server> operations_server_;  // serves until all else has stopped
  std::unique_ptr<http::Server> server_;
  std::optional<metrics::HttpCollector> http_;
  std::optional<metrics::Registration> http_registered_;
};

}  // namespace

api::BuildInfo ThisBuild() { return {kVersion, kRevision, kCompiler}; }

std::string VersionText(const api::BuildInfo& build) {
  return "daybook " + build.version + "\nrevision " + build.revision + "\ncompiler " +
         build.compiler + "\n";
}

int Serve(const config::Config& config, const std::function<Result<config::Config>()>& reread) {
  const Signals signals;  // before any thread is started
  NameFatalSignals();
  KeepFreedMemory();
  logging::SetLevel(LevelOf(config.log_level));
  const logging::Writer log_writer(STDOUT_FILENO, FormatOf(config.log_format));
  Failure failure;
  Result<api::Access> access = AccessOf(config);
  if (!access.ok()) return CannotStart("token-file", access.status());
  const auto store = MakeStore(config, [&](const Status& status) { failure.Report(status); });
  if (!store.ok()) {
    return config.engine == "disk"
               ? CannotStart("data-dir", WithAdvice(store.status(), config.data_dir))
               : CannotStart("engine", store.status());
  }
  return Service(config, reread, *std::move(access), signals, log_writer, **store, failure).Run();
}

}  // namespace daybook::app
