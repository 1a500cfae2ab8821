// Connections to a FakeNats.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "jetstream/connection.h"
#include "support/fake_nats.h"

namespace daybook::jetstream {

inline constexpr std::chrono::seconds kPatience{20};

// Answers each message with its data.
inline std::string Echo(const test::FakeNats::Message& message, const std::string& sid) {
  return test::FakeNats::Answer(message, sid, message.data);
}

inline std::unique_ptr<Connection> OpenTo(const std::string& url) {
  ConnectionOptions options;
  options.url = url;
  options.name = "test";
  return *Connection::Open(options);
}

template <typename Holds>
bool Eventually(Holds holds) {
  using std::chrono::steady_clock;
  for (const auto end = steady_clock::now() + kPatience; steady_clock::now() < end;) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

inline std::unique_ptr<Connection> ConnectedTo(const test::FakeNats& server) {
  auto connection = OpenTo(server.url());
  EXPECT_TRUE(Eventually([&] { return connection->connected(); }));
  return connection;
}

}  // namespace daybook::jetstream
