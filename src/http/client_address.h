// ClientAddress is where a connection comes from, without the port. A value.
#pragma once

#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>

namespace daybook::http {

class ClientAddress {
 public:
  ClientAddress() = default;
  // One of IPv4 is kept as a socket of both families has it (RFC 4291, section 2.5.5.2).
  explicit ClientAddress(const sockaddr& address);

  // In the network's order.
  std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }
  // The part that names one customer's network: the whole of an IPv4 address, and the first 64 bits
  // of another, within which a host takes addresses as it likes (RFC 8981).
  std::string_view network() const { return is_v4() ? bytes() : bytes().substr(0, 8); }
  std::string ToText() const;

 private:
  bool is_v4() const;

  std::array<char, 16> bytes_{};
};

}  // namespace daybook::http
