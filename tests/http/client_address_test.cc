#include "http/client_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

namespace daybook::http {
namespace {

ClientAddress V4(const char* text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  EXPECT_EQ(::inet_pton(AF_INET, text, &address.sin_addr), 1);
  return ClientAddress(reinterpret_cast<const sockaddr&>(address));
}

ClientAddress V6(const char* text) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  EXPECT_EQ(::inet_pton(AF_INET6, text, &address.sin6_addr), 1);
  return ClientAddress(reinterpret_cast<const sockaddr&>(address));
}

TEST(ClientAddress, OfIpv4IsTheSameOnASocketOfBothFamilies) {
  EXPECT_EQ(V4("192.0.2.7").ToText(), "192.0.2.7");
  EXPECT_EQ(V6("::ffff:192.0.2.7").ToText(), "192.0.2.7");
  EXPECT_EQ(V4("192.0.2.7").bytes(), V6("::ffff:192.0.2.7").bytes());
  EXPECT_NE(V4("192.0.2.7").network(), V4("192.0.2.8").network());
}

TEST(ClientAddress, OfIpv6BelongsToItsNetworkOf64Bits) {
  EXPECT_EQ(V6("2001:db8:0:1::7").ToText(), "2001:db8:0:1::7");
  EXPECT_EQ(V6("2001:db8:0:1::7").network(), V6("2001:db8:0:1:ffff::8").network());
  EXPECT_NE(V6("2001:db8:0:1::7").network(), V6("2001:db8:0:2::7").network());
}

}  // namespace
}  // namespace daybook::http
