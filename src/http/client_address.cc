#include "http/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace daybook::http {
namespace {

constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);

}  // namespace

ClientAddress::ClientAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(bytes_.data(), &v6.sin6_addr, bytes_.size());
  } else if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    kMapped.copy(bytes_.data(), kMapped.size());
    std::memcpy(bytes_.data() + kMapped.size(), &v4.sin_addr, sizeof v4.sin_addr);
  }
}

bool ClientAddress::is_v4() const { return bytes().substr(0, kMapped.size()) == kMapped; }

std::string ClientAddress::ToText() const {
  char text[INET6_ADDRSTRLEN] = "";
  const bool v4 = is_v4();
  ::inet_ntop(v4 ? AF_INET : AF_INET6, bytes_.data() + (v4 ? kMapped.size() : 0), text,
              sizeof text);
  return text;
}

}  // namespace daybook::http
