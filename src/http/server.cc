#include "http/server.h"

#include <pistache/reactor.h>

#include <chrono>
#include <cstddef>
#include <exception>
#include <utility>

#include "base/mutex.h"
#include "http/listen.h"
#include "http/worker.h"

namespace daybook::http {
namespace {

// Counts down to zero from many threads; one waits.
class Latch {
 public:
  explicit Latch(std::size_t count) : left_(count) {}

  void CountDown() {
    const MutexLock lock(mutex_);
    if (--left_ == 0) condition_.NotifyAll();
  }
  void Wait() {
    const MutexLock lock(mutex_);
    while (left_ > 0) condition_.Wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar condition_;
  std::size_t left_ GUARDED_BY(mutex_);
};

}  // namespace

struct Server::State {
  State(const ServerOptions& options, Router router)
      : shared(options.limits, std::move(router), options.report_fault, options.observer) {}

  // Runs `task` on every worker's thread and returns when all have done it.
  template <typename Task>
  void OnEveryWorker(Task task) {
    Latch latch(shared.workers.size());
    for (Worker* worker : shared.workers) {
      worker->Post([worker, &task, &latch] {
        task(*worker);
        latch.CountDown();
      });
    }
    latch.Wait();
  }

  Shared shared;
  std::uint16_t port = 0;
  bool without_ipv6 = false;
  Pistache::Aio::Reactor reactor;  // owns the workers and their threads
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Router router) {
  Result<ListenSockets> listening = Listen(options.listen_address);
  if (!listening.ok()) return listening.status();
  SetUserTimeout(*listening, options.limits.write_timeout + options.limits.dead_peer_margin);
  auto state = std::make_unique<State>(options, std::move(router));
  state->port = listening->port;
  state->without_ipv6 = listening->without_ipv6;
  try {
    state->reactor.init(Pistache::Aio::AsyncContext(options.threads, "http"));
    const auto key = state->reactor.addHandler(std::make_shared<Worker>(state->shared));
    for (const auto& handler : state->reactor.handlers(key)) {
      state->shared.workers.push_back(static_cast<Worker*>(handler.get()));
    }
    state->reactor.run();
  } catch (const std::exception& failure) {
    return Status(StatusCode::kIo, std::string("cannot start the HTTP workers: ") + failure.what());
  }
  Worker& acceptor = *state->shared.workers.front();
  acceptor.Post([&acceptor, sockets = std::move(listening->sockets)]() mutable {
    acceptor.StartAccepting(std::move(sockets));
  });
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server() {
  state_->OnEveryWorker([](Worker& worker) {
    worker.StopAccepting();
    worker.CloseAll();
  });
  // A connection that was on its way from one worker to another has arrived by now.
  state_->OnEveryWorker([](Worker& worker) { worker.CloseAll(); });
  state_->reactor.shutdown();
}

std::uint16_t Server::port() const { return state_->port; }

bool Server::without_ipv6() const { return state_->without_ipv6; }

Stats Server::ReadStats() const {
  Stats stats;
  stats.route_descriptions = state_->shared.routes;
  for (const Worker* worker : state_->shared.workers) stats.Add(worker->read_stats());
  stats.connections_open = connections();
  return stats;
}

std::size_t Server::connections() const { return state_->shared.places.taken(); }

void Server::StartClosing() {
  state_->OnEveryWorker([](Worker& worker) { worker.StartClosing(); });
}

bool Server::Drain(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  state_->OnEveryWorker([](Worker& worker) {
    worker.StopAccepting();
    worker.Drain();
  });
  return state_->shared.places.WaitForNone(deadline);
}

}  // namespace daybook::http
