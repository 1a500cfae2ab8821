// Server answers HTTP/1.1 on one address: Pistache's reactor and worker threads, with a transport
// of our own on them (see "HTTP" in ARCHITECTURE.md).
//
// Created, started, drained and destroyed by one thread. Its router's handlers run on the worker
// threads, side by side.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/exchange.h"
#include "http/limits.h"
#include "http/router.h"
#include "http/stats.h"

namespace daybook::http {

struct ServerOptions {
  std::string listen_address =
      ":8080";  // host:port, [v6]:port, or :port for every address of both families
  std::size_t threads = 1;
  Limits limits;
  // Hears of a handler that threw; called on any worker's thread.
  std::function<void(std::string_view what)> report_fault = [](std::string_view) {};
  ExchangeObserver* observer = nullptr;  // must outlive the server
};

class Server {
 public:
  // Listens and serves from the moment it returns. kInvalidArgument: not an address. kIo: it cannot
  // be listened on.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options, Router router);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Ends every connection at once. No Responder may be alive any more.
  ~Server();

  // The port that is listened on, also where the address asked for port 0.
  std::uint16_t port() const;
  // True when every address was asked for and there are only those of IPv4.
  bool without_ipv6() const;

  // From here on every answer is its connection's last, so that clients look for another server;
  // connections are still accepted.
  void StartClosing();
  // Stops listening, closes idle connections, finishes the others with `Connection: close`, and
  // returns when all have gone (true) or `timeout` has passed (false).
  bool Drain(std::chrono::milliseconds timeout);

  // Connections that are open now.
  std::size_t connections() const;
  // What was counted so far; from any thread.
  Stats ReadStats() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daybook::http
