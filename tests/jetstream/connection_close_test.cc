// Connections that end while something is under way.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "jetstream/connections.h"
#include "support/fake_nats.h"

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeNats;

// Asks on several threads until it is destroyed, and counts how often each receiver is called.
class Load {
 public:
  explicit Load(Connection& connection, int threads = 3) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this, &connection] {
        while (!ends_) {
          if (asked_ - received_ > kUnderWayMax) {
            std::this_thread::yield();
            continue;
          }
          ++asked_;
          connection.Ask({"subject", {}, "data"}, seconds(5), [this](const Result<Incoming>&) {
            ++received_;
            return true;
          });
        }
      });
    }
  }
  // Before what is asked has its end.
  void Stop() {
    ends_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  int asked() const { return asked_; }
  int received() const { return received_; }

 private:
  static constexpr int kUnderWayMax = 1'000;
  std::atomic<bool> ends_{false};
  std::atomic<int> asked_{0};
  std::atomic<int> received_{0};
  std::vector<std::thread> threads_;
};

TEST(ConnectionClose, IsDestroyedWhileTheServerClosesIt) {
  FakeNats server(Echo);
  for (int i = 0; i < 30; ++i) {
    auto connection = ConnectedTo(server);
    std::thread cutter([&] { server.CutAll(); });
    if (i % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(30 * i));
    connection.reset();
    cutter.join();
  }
}

TEST(ConnectionClose, IsDestroyedWhileItConnectsAgain) {
  FakeNats server(Echo);
  for (int i = 0; i < 30; ++i) {
    auto connection = ConnectedTo(server);
    server.CutAll();
    ASSERT_TRUE(Eventually([&] { return !connection->connected() || connection->connects() > 1; }));
    if (i % 3 == 0) std::this_thread::sleep_for(milliseconds(10 * i));
    connection.reset();
  }
}

TEST(ConnectionClose, IsDestroyedWhileAServerDoesNotLetItIn) {
  FakeNats server(Echo);
  server.SetSilent(true);
  for (int i = 0; i < 2; ++i) {
    const auto connection = OpenTo(server.url());
    ASSERT_TRUE(Eventually([&] { return server.connections() > i; }));
    EXPECT_FALSE(connection->connected());
  }
}

TEST(ConnectionClose, UnderLoadEveryReceiverIsCalledOnceWhenItIsDestroyed) {
  FakeNats server(Echo);
  for (int i = 0; i < 100; ++i) {
    auto connection = ConnectedTo(server);
    Load load(*connection);
    ASSERT_TRUE(Eventually([&] { return load.received() > 10; }));
    connection->Close();
    load.Stop();
    connection.reset();
    EXPECT_EQ(load.received(), load.asked());
  }
}

TEST(ConnectionClose, UnderLoadEveryReceiverIsCalledOnceWhenTheServerClosesIt) {
  FakeNats server(Echo);
  const auto connection = ConnectedTo(server);
  Load load(*connection);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(Eventually([&] { return connection->connected(); }));
    server.CutAll();
    std::this_thread::sleep_for(milliseconds(20));
  }
  load.Stop();
  EXPECT_TRUE(Eventually([&] { return load.received() == load.asked(); }));
}

TEST(ConnectionClose, WhatTheServerAnsweredBeforeItWentIsDelivered) {
  constexpr int kAnswers = 200;
  std::atomic<int> asked{0};
  FakeNats* cut = nullptr;
  std::string answers;
  FakeNats server([&](const FakeNats::Message& message, const std::string& sid) {
    answers += Echo(message, sid);
    if (++asked < kAnswers) return std::string();
    cut->CutAfterThis();
    return answers;
  });
  cut = &server;
  const auto connection = ConnectedTo(server);
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  for (int i = 0; i < kAnswers; ++i) {
    connection->Ask({"subject", {}, "data"}, seconds(10), [&](const Result<Incoming>& answer) {
      // The others are still to be delivered when the connection is lost.
      const auto end = std::chrono::steady_clock::now() + milliseconds(400);
      while (answered == 0 && connection->connected() && std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
      ++(answer.ok() ? answered : failed);
      return true;
    });
  }
  EXPECT_TRUE(Eventually([&] { return answered + failed == kAnswers; }));
  EXPECT_EQ(failed, 0);
}

int OpenDescriptors() {
  int count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

TEST(ConnectionClose, NoDescriptorIsLeftOfOneThatWasLost) {
  FakeNats server(Echo);
  const int before = OpenDescriptors();
  {
    const auto connection = ConnectedTo(server);
    for (std::uint64_t lost = 1; lost <= 5; ++lost) {
      server.CutAll();
      ASSERT_TRUE(
          Eventually([&] { return connection->connected() && connection->connects() > lost; }));
    }
  }
  EXPECT_TRUE(Eventually([&] { return OpenDescriptors() <= before; }));
}

}  // namespace
}  // namespace daybook::jetstream
