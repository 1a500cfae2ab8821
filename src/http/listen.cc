#include "http/listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace daybook::http {
namespace {

constexpr int kBacklog = 4096;

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};

Result<HostAndPort> Parse(std::string_view address) {
  const auto wrong = [&](const char* reason) {
    return Status(StatusCode::kInvalidArgument, "'" + std::string(address) +
                                                    "' is not an address to listen on: " + reason +
                                                    "; write host:port, [v6]:port or :port");
  };
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return wrong("it has no port");
  std::string_view host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (host.empty()) return wrong("there is nothing between the brackets");
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return wrong("an IPv6 address stands in brackets");
  }
  HostAndPort parsed{std::string(host), 0};
  const std::string_view port = address.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), parsed.port);
  if (error != std::errc() || end != port.data() + port.size() || port.empty()) {
    return wrong("its port is not a number from 0 to 65535");
  }
  return parsed;
}

Status SystemError(const std::string& what) {
  return {StatusCode::kIo, what + ": " + std::generic_category().message(errno)};
}

// `port` replaces the address's where that is 0.
Result<Descriptor> Open(const addrinfo& info, bool both_families, std::uint16_t port,
                        std::string_view address) {
  const std::string what = "cannot listen on " + std::string(address);
  Descriptor socket(::socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return SystemError(what);
  const int on = 1;
  const int v6_only = both_families ? 0 : 1;
  // Accepted sockets inherit TCP_NODELAY.
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (info.ai_family == AF_INET6)
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
  sockaddr_storage storage{};
  std::memcpy(&storage, info.ai_addr, info.ai_addrlen);
  if (info.ai_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);
  }
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&storage), info.ai_addrlen) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return SystemError(what);
  }
  return socket;
}

std::uint16_t PortOf(const Descriptor& socket) {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof storage;
  const int error = ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &bytes);
  CHECK(error == 0, "a bound socket has no name");
  return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
}

// Whether a socket of the IPv6 family can have that address. It can have `any` where the family was
// switched off but not taken out of the kernel, and loopback's only where it is on.
bool CanBindIpv6(const in6_addr& address) {
  const Descriptor socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_addr = address;
  return socket.get() >= 0 &&
         ::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
}

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<AddressList> Resolve(const std::string& host, int family, std::string_view address) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), "0", &hints, &found);
  if (error != 0) {
    return Status(StatusCode::kIo,
                  "cannot listen on " + std::string(address) + ": " + ::gai_strerror(error));
  }
  return AddressList(found, &::freeaddrinfo);
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<ListenSockets> Listen(std::string_view address) {
  const Result<HostAndPort> parsed = Parse(address);
  if (!parsed.ok()) return parsed.status();
  // For every address, one socket of the IPv6 family takes both families.
  const bool every_address = parsed->host.empty() || parsed->host == "::";
  const bool both_families = every_address && CanBindIpv6(in6addr_any);
  const int family = both_families ? AF_INET6 : every_address ? AF_INET : AF_UNSPEC;
  const auto addresses = Resolve(every_address ? std::string() : parsed->host, family, address);
  if (!addresses.ok()) return addresses.status();
  ListenSockets listening;
  listening.port = parsed->port;
  listening.without_ipv6 = every_address && !(both_families && CanBindIpv6(in6addr_loopback));
  for (const addrinfo* info = addresses->get(); info != nullptr; info = info->ai_next) {
    Result<Descriptor> socket = Open(*info, both_families, listening.port, address);
    if (!socket.ok()) return socket.status();
    listening.port = PortOf(*socket);
    listening.sockets.push_back(std::move(*socket));
  }
  return listening;
}

void SetUserTimeout(const ListenSockets& listening, std::chrono::milliseconds timeout) {
  const auto timeout_ms = static_cast<unsigned>(timeout.count());
  // Accepted sockets inherit it.
  for (const Descriptor& socket : listening.sockets)
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}

}  // namespace daybook::http
