#include "http/listen.h"

#include <gtest/gtest.h>

#include "support/http_client.h"

namespace daybook::http {
namespace {

TEST(Listen, WhatIsNoAddressIsRefusedWithWhatWouldBeRight) {
  for (const char* address : {"", "8080", "localhost", "::1:8080", "[::1]", "[]:80", "a:", "a:x",
                              "a:65536", "a:-1", "a: 1"}) {
    const auto listening = Listen(address);
    ASSERT_FALSE(listening.ok()) << address;
    EXPECT_EQ(listening.status().code(), StatusCode::kInvalidArgument) << address;
    EXPECT_NE(listening.status().message().find("host:port"), std::string::npos);
  }
}

TEST(Listen, TakesAFreePortAndSaysWhich) {
  const auto listening = Listen("127.0.0.1:0");
  ASSERT_TRUE(listening.ok());
  EXPECT_NE(listening->port, 0);
  EXPECT_NO_THROW(test::HttpClient(listening->port));
}

TEST(Listen, EveryAddressIncludesIPv4) {
  for (const char* address : {":0", "[::]:0"}) {
    const auto listening = Listen(address);
    ASSERT_TRUE(listening.ok()) << address;
    EXPECT_NO_THROW(test::HttpClient(listening->port)) << address;
  }
}

TEST(Listen, APortInUseIsAnErrorThatSaysSo) {
  const auto first = Listen("127.0.0.1:0");
  ASSERT_TRUE(first.ok());
  const auto second = Listen("127.0.0.1:" + std::to_string(first->port));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), StatusCode::kIo);
  EXPECT_NE(second.status().message().find("in use"), std::string::npos);
}

TEST(Listen, AnotherMachinesAddressIsAnError) {
  const auto listening = Listen("192.0.2.1:0");
  ASSERT_FALSE(listening.ok());
  EXPECT_EQ(listening.status().code(), StatusCode::kIo);
}

}  // namespace
}  // namespace daybook::http
