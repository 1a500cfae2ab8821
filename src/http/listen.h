// Opening the sockets that a server accepts connections on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace daybook::http {

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return fd_; }

 private:
  int fd_;
};

struct ListenSockets {
  std::vector<Descriptor> sockets;  // non-blocking, listening
  std::uint16_t port = 0;
  bool without_ipv6 = false;  // every address was asked for, and there are only those of IPv4
};

// Listens on `address`: "host:port" (a name or a literal; every address that the name has),
// "[v6]:port", or ":port" and "[::]:port" for all addresses, of both families where the machine has
// IPv6. Port 0 takes a free one. kInvalidArgument: not such an address; kIo: it cannot be listened
// on, with the reason.
Result<ListenSockets> Listen(std::string_view address);

// Connections that are accepted from then on end when something that was sent is not acknowledged
// for so long, or the peer takes nothing.
void SetUserTimeout(const ListenSockets& listening, std::chrono::milliseconds timeout);

}  // namespace daybook::http
