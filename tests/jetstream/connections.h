// Connections to a FakeNats.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "http/eventually.h"
#include "jetstream/connection.h"
#include "support/fake_nats.h"

namespace daybook::jetstream {

using test::Eventually;

inline constexpr std::chrono::milliseconds kPatience = test::HttpClient::kPatience;

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

inline std::unique_ptr<Connection> ConnectedTo(const test::FakeNats& server) {
  auto connection = OpenTo(server.url());
  EXPECT_TRUE(Eventually([&] { return connection->connected(); }));
  return connection;
}

}  // namespace daybook::jetstream
