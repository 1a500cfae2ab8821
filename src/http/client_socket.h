// ClientSocket is a client's connection to a server: bytes to and fro, each by a deadline.
//
// Owned by a Client and used on its thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "base/status.h"
#include "base/waiter.h"

namespace daybook::http {

struct ServerUrl;

class ClientSocket {
 public:
  using Deadline = Waiter::Deadline;

  // Tries each of the server's addresses in turn, each for its share of the time. `waiter` must
  // outlive the socket. kUnavailable says why there is none.
  static Result<ClientSocket> Connect(const ServerUrl& server, const Waiter& waiter,
                                      Deadline deadline);
  ~ClientSocket();
  ClientSocket(ClientSocket&& other) noexcept;
  ClientSocket& operator=(ClientSocket&& other) noexcept;

  // The deadline begins anew with whatever could be sent. kUnavailable: the other side has gone,
  // the deadline is over, or the waiter was interrupted.
  Status Send(std::string_view bytes, Deadline deadline) const;
  // How many bytes came, at least one, or 0: the other side has closed.
  Result<std::size_t> Receive(char* bytes, std::size_t bytes_max, Deadline deadline) const;
  // Nothing was asked, and yet there is something, or the end.
  bool IsStale() const;

 private:
  ClientSocket(int fd, const Waiter& waiter) : fd_(fd), waiter_(&waiter) {}
  Status Await(short events, Deadline deadline) const;

  int fd_;
  const Waiter* waiter_;
};

}  // namespace daybook::http
