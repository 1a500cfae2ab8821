// A server with routes that show what the transport does, on a free port of loopback:
//   /echo       the body back
//   /target?... path and query as they arrived
//   /big?N      N bytes
//   /stream?N   N bytes that are made as they are sent
//   /none       204
//   /later?X    X, from another thread, after as many steps as the queue before it takes
//   /hold       never, until Release()
//   /drop       the Responder is destroyed unused
//   /throw      the handler throws
// and what a test adds.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"

namespace daybook::test {

class ProbeServer {
 public:
  using AddRoutes = std::function<void(http::Router& router)>;

  explicit ProbeServer(
      const http::Limits& limits = {}, std::size_t threads = 2,
      const AddRoutes& add_routes = [](http::Router&) {});
  ~ProbeServer();

  std::uint16_t port() const { return server_->port(); }
  http::Server& server() const { return *server_; }
  // Blocks until that many requests to /hold wait.
  void WaitForHeld(std::size_t count);
  void Release();
  // How often the server reported a fault of a handler.
  int faults() const { return faults_; }

 private:
  http::Router MakeRouter();
  void AnswerLater();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<http::Responder, std::string>> later_;
  std::vector<http::Responder> held_;
  bool stopping_ = false;
  std::atomic<int> faults_{0};
  std::unique_ptr<http::Server> server_;
  std::vector<std::thread> answerers_;
};

}  // namespace daybook::test
