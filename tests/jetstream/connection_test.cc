#include "jetstream/connection.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "jetstream/connections.h"
#include "support/fake_nats.h"

namespace daybook::jetstream {
namespace {

using std::chrono::seconds;
using test::FakeNats;

TEST(Connection, EachAnswerComesToWhoAsked) {
  FakeNats server(Echo);
  const auto connection = ConnectedTo(server);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 200; ++i) {
        const std::string data = std::to_string(thread) + "." + std::to_string(i);
        const auto answer = connection->AskAndWait({"subject", {}, data}, kPatience);
        ASSERT_TRUE(answer.ok()) << answer.status().ToString();
        EXPECT_EQ(answer->data(), data);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Connection, WhatOneThreadAsksGoesOutInItsOrder) {
  std::vector<std::string> order;
  FakeNats server([&](const FakeNats::Message& message, const std::string& sid) {
    order.push_back(message.data);
    return Echo(message, sid);
  });
  const auto connection = ConnectedTo(server);
  std::promise<void> last;
  std::vector<std::string> expected;
  for (int i = 0; i < 1'000; ++i) {
    std::vector<Outgoing> messages;
    for (const char* const part : {".a", ".b"}) {
      expected.push_back(std::to_string(i) + part);
      messages.push_back({"subject", {}, expected.back()});
    }
    connection->Ask(std::move(messages), kPatience, [&, i](const Result<Incoming>& answer) {
      EXPECT_TRUE(answer.ok());
      if (i == 999) last.set_value();
      return true;
    });
  }
  last.get_future().get();
  EXPECT_EQ(order, expected);
}

TEST(Connection, ARequestHasAsManyAnswersAsItsReceiverTakes) {
  FakeNats server([](const FakeNats::Message& message, const std::string& sid) {
    std::string answers;
    for (const char* const data : {"1", "2", "3", "4"})
      answers += FakeNats::Answer(message, sid, data);
    return answers;
  });
  const auto connection = ConnectedTo(server);
  for (int i = 0; i < 100; ++i) {
    std::promise<std::string> received;
    connection->Ask({"subject", {}, ""}, kPatience,
                    [&, text = std::string()](const Result<Incoming>& answer) mutable {
                      text += answer->data();
                      if (text.size() < 3) return false;
                      received.set_value(text);
                      return true;
                    });
    EXPECT_EQ(received.get_future().get(), "123");
  }
}

TEST(Connection, WithoutAConnectionNothingIsKept) {
  std::string url;
  {
    FakeNats server(Echo);
    url = server.url();
  }
  const auto connection = OpenTo(url);
  ASSERT_TRUE(Eventually([&] { return !connection->last_error().empty(); }));
  const auto answer = connection->AskAndWait({"subject", {}, ""}, seconds(5));
  EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
}

TEST(Connection, ALossAmidAMessageLeavesNothingToTheNextConnection) {
  std::atomic<int> asked{0};
  FakeNats* cut = nullptr;
  FakeNats server([&](const FakeNats::Message& message, const std::string& sid) {
    const std::string answer = Echo(message, sid);
    if (++asked % 2 == 0) return answer;
    cut->CutAfterThis();
    return answer.substr(0, answer.size() - 5);
  });
  cut = &server;
  const auto connection = ConnectedTo(server);
  for (int i = 0; i < 3; ++i) {
    const auto lost = connection->AskAndWait({"subject", {}, "0123456789"}, seconds(5));
    EXPECT_EQ(lost.status().code(), StatusCode::kUnknownOutcome);
    const auto connects = static_cast<std::uint64_t>(i) + 2;
    ASSERT_TRUE(
        Eventually([&] { return connection->connected() && connection->connects() >= connects; }));
    const auto answer = connection->AskAndWait({"subject", {}, "0123456789"}, kPatience);
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    EXPECT_EQ(answer->data(), "0123456789");
  }
  EXPECT_GE(connection->connects(), 4U);
}

TEST(Connection, AServerThatSaysNothingIsLeft) {
  FakeNats server(Echo);
  const auto connection = ConnectedTo(server);
  server.SetSilent(true);
  // It takes three pings, 5 s apart.
  EXPECT_TRUE(Eventually([&] { return !connection->connected(); }, seconds(60)));
  server.SetSilent(false);
  EXPECT_TRUE(Eventually([&] { return connection->connected(); }));
}

TEST(Connection, AServerThatTakesNothingIsLeft) {
  FakeNats server(Echo);
  const auto connection = ConnectedTo(server);
  server.SetDeaf(true);
  std::atomic<int> failed{0};
  for (int i = 0; i < 64; ++i) {
    connection->Ask({"subject", {}, std::string(1 << 20, 'x')}, seconds(30),
                    [&](const Result<Incoming>& answer) {
                      failed += answer.ok() ? 0 : 1;
                      return true;
                    });
  }
  EXPECT_TRUE(Eventually([&] { return failed == 64; }));
  server.SetDeaf(false);
  EXPECT_TRUE(Eventually([&] { return connection->connected(); }));
  EXPECT_TRUE(connection->AskAndWait({"subject", {}, "small"}, kPatience).ok());
}

}  // namespace
}  // namespace daybook::jetstream
