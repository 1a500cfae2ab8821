// Answers from other threads, and clients that come and go meanwhile.

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "http/probe_server.h"
#include "support/http_client.h"

namespace daybook::test {
namespace {

// The workload is this many times smaller under a sanitizer.
constexpr int kScale = kSanitized ? 10 : 1;

void InThreads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

// Connections that end at any point of their exchange, by FIN or reset.
void Churn(std::uint16_t port, int connections, unsigned seed) {
  std::minstd_rand random(seed);
  const std::string requests[] = {
      "",
      "GET /x HT",
      Get("/target?x"),
      Get("/big?400000"),
      Get("/stream?400000"),
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
      Get("/later?" + std::string(5000, 'x')),
      Get("/later?a") + Get("/later?b"),
      "GARBAGE\r\n\r\n"};
  for (int i = 0; i < connections; ++i) {
    HttpClient client(port);
    client.Send(requests[random() % std::size(requests)]);
    if (random() % 3 == 0) client.ReadSome(random() % 100'000, std::chrono::milliseconds(2));
    if (random() % 2 == 0) client.Reset();
  }
}

TEST(Async, EveryAnswerGoesToItsOwnRequestWhileClientsChurn) {
  ProbeServer server;
  constexpr int kAskers = 4;
  constexpr int kRequests = 30'000 / kScale;  // by each asker
  std::atomic<int> right{0};
  InThreads(kAskers + 2, [&](int thread) {
    if (thread >= kAskers)
      return Churn(server.port(), 4'000 / kScale, static_cast<unsigned>(thread));
    HttpClient client(server.port());
    for (int i = 0; i < kRequests; i += 10) {
      std::string requests;
      for (int j = i; j < i + 10; ++j)
        requests += Get("/later?" + std::to_string(thread) + "." + std::to_string(j));
      client.Send(requests);
      for (int j = i; j < i + 10; ++j) {
        const auto reply = client.Read();
        if (reply && reply->body == std::to_string(thread) + "." + std::to_string(j)) ++right;
      }
    }
  });
  EXPECT_EQ(right, kAskers * kRequests);
}

TEST(Async, AnAnswerForAClientThatLeftReachesNobodyElse) {
  ProbeServer server({}, 1);
  for (int i = 0; i < 2'000 / kScale; ++i) {
    {
      HttpClient leaves(server.port());
      leaves.Send(Get("/hold"));
      server.WaitForHeld(1);
      if (i % 2 == 0) leaves.Reset();
    }
    HttpClient comes(server.port());  // very likely with the same descriptor
    comes.Send(Get("/target?mine"));
    const auto reply = comes.Read();
    server.Release();
    ASSERT_TRUE(reply.has_value());
    ASSERT_EQ(reply->body, "/target mine");
    comes.Send(Get("/target?again"));
    ASSERT_EQ(comes.Read()->body, "/target again");
  }
}

TEST(Async, NoAcceptedConnectionIsForgotten) {
  ProbeServer server;
  std::atomic<int> answered{0};
  constexpr int kConnections = 5'000 / kScale;
  InThreads(4, [&](int) {
    for (int i = 0; i < kConnections; ++i) {
      HttpClient client(server.port());
      client.Send(Get("/target?x", "Connection: close\r\n"));
      const auto reply = client.Read();
      if (reply && reply->status == 200) ++answered;
    }
  });
  EXPECT_EQ(answered, 4 * kConnections);
}

TEST(Async, TheFirstByteOfANextRequestDoesNotHoldBackAnAnswer) {
  ProbeServer server;
  for (int i = 0; i < 2'000 / kScale; ++i) {
    HttpClient client(server.port());
    client.Send(Get("/later?x"));
    client.Send("G");
    ASSERT_TRUE(client.Read().has_value()) << i;
    client.Send(Get("/target?y").substr(1));
    ASSERT_EQ(client.Read()->body, "/target y");
  }
}

TEST(Async, ARequestThatIsDroppedOrThrowsIs500AndTheConnectionLives) {
  ProbeServer server;
  HttpClient client(server.port());
  client.Send(Get("/drop") + Get("/throw") + Get("/target?x"));
  EXPECT_EQ(client.Read()->status, 500);
  EXPECT_EQ(client.Read()->status, 500);
  EXPECT_EQ(client.Read()->status, 200);
  EXPECT_EQ(server.faults(), 1);
}

TEST(Async, MemoryIsTheSameAfterTheSecondRepetition) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's own memory would be measured";
  ::mallopt(M_ARENA_MAX, 1);  // how many there come to be is chance otherwise
  ProbeServer server;
  const auto repetition = [&] {
    InThreads(4, [&](int thread) { Churn(server.port(), 2'000, static_cast<unsigned>(thread)); });
    HttpClient client(server.port());
    for (int i = 0; i < 50; ++i) {
      client.Send(Post("/echo", std::string(1 << 20, 'x')));
      EXPECT_TRUE(client.Read().has_value());
    }
  };
  const auto settled = [&] {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (server.server().connections() > 0 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    return ResidentBytes();
  };
  repetition();
  const std::size_t first = settled();
  repetition();
  const std::size_t second = settled();
  EXPECT_LE(static_cast<double>(second), 1.05 * static_cast<double>(first));
}

}  // namespace
}  // namespace daybook::test
