#include "http/client_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "http/client.h"

namespace daybook::http {
namespace {

Status Unavailable(std::string message) { return {StatusCode::kUnavailable, std::move(message)}; }
Status Unavailable(int error) { return Unavailable(std::generic_category().message(error)); }

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> Resolve(const ServerUrl& server) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(server.host.c_str(), server.port.c_str(), &hints, &found);
  if (error == EAI_SYSTEM) return Unavailable(errno);
  if (error != 0) return Unavailable(::gai_strerror(error));
  return Addresses(found);
}

}  // namespace

Result<ClientSocket> ClientSocket::Connect(const ServerUrl& server, const Waiter& waiter,
                                           Deadline deadline) {
  Result<Addresses> addresses = Resolve(server);
  if (!addresses.ok()) return addresses.status();
  Status failure = Unavailable("it has no address");
  int left = 0;
  for (const addrinfo* address = addresses->get(); address != nullptr; address = address->ai_next)
    ++left;
  for (const addrinfo* address = addresses->get(); address != nullptr; address = address->ai_next) {
    const auto now = std::chrono::steady_clock::now();
    const Deadline share = now + (deadline - now) / left--;
    const int fd = ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      failure = Unavailable(errno);
      continue;
    }
    ClientSocket socket(fd, waiter);
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int error = ::connect(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      failure = socket.Await(POLLOUT, share);
      if (!failure.ok()) continue;
      socklen_t bytes = sizeof error;
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
    }
    if (error == 0) return socket;
    failure = Unavailable(error);
  }
  return failure;
}

ClientSocket::~ClientSocket() {
  if (fd_ >= 0) ::close(fd_);
}

ClientSocket::ClientSocket(ClientSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), waiter_(other.waiter_) {}

ClientSocket& ClientSocket::operator=(ClientSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(waiter_, other.waiter_);
  return *this;
}

Status ClientSocket::Await(short events, Deadline deadline) const {
  switch (waiter_->Await(fd_, events, deadline)) {
    case Waiter::Outcome::kReady:
      return {};
    case Waiter::Outcome::kDeadline:
      return Unavailable("it took too long");
    case Waiter::Outcome::kInterrupted:
      return Unavailable("interrupted");
  }
  return {};
}

Status ClientSocket::Send(std::string_view bytes, Deadline deadline) const {
  const auto patience = deadline - std::chrono::steady_clock::now();
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      deadline = std::chrono::steady_clock::now() + patience;
    } else if (errno == EAGAIN) {
      if (Status status = Await(POLLOUT, deadline); !status.ok()) return status;
    } else if (errno != EINTR) {
      return Unavailable(errno);
    }
  }
  return {};
}

Result<std::size_t> ClientSocket::Receive(char* bytes, std::size_t bytes_max,
                                          Deadline deadline) const {
  for (;;) {
    // Also where something is there, so that what comes without an end can be interrupted.
    if (Status status = Await(POLLIN, deadline); !status.ok()) return status;
    const ssize_t received = ::recv(fd_, bytes, bytes_max, 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno != EAGAIN && errno != EINTR) return Unavailable(errno);
  }
}

bool ClientSocket::IsStale() const {
  pollfd socket{fd_, POLLIN | POLLRDHUP, 0};
  return ::poll(&socket, 1, 0) != 0;
}

}  // namespace daybook::http
