// Requests whose answers wait, and answers that wait for something to send.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/eventually.h"
#include "http/probe_server.h"
#include "support/http_client.h"

namespace daybook::test {
namespace {

using http::BodyPiece;
using http::BodySource;
using http::CloseReason;
using http::Held;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Waker;
using std::chrono::milliseconds;
using testing::HasSubstr;

// Answers when it is told to: with why.
class Waiting : public Held {
 public:
  explicit Waiting(std::atomic<int>& there) : there_(there) { ++there_; }
  ~Waiting() override { --there_; }

  // On the connection's thread, as the others.
  void Take(Responder responder) {
    responder_.emplace(std::move(responder));
    if (over_) Answer("over");
  }
  void OnWake() override { Answer("woken"); }
  void End() override {
    over_ = true;
    Answer("over");
  }

 private:
  void Answer(const char* why) {
    if (!responder_) return;
    Responder responder = *std::move(responder_);
    responder_.reset();
    std::move(responder).Send({http::Code::Ok, {}, why});
  }

  std::atomic<int>& there_;
  std::optional<Responder> responder_;
  bool over_ = false;
};

class HeldTest : public testing::Test {
 protected:
  // /wait?N waits for at most N milliseconds.
  ProbeServer::AddRoutes Routes() {
    return [this](http::Router& router) {
      router.Add(Method::Get, "/wait", [this](Request& request, Responder responder) {
        const auto waiting = std::make_shared<Waiting>(there_);
        {
          const std::lock_guard lock(mutex_);
          wakers_.push_back(responder.waker());
        }
        responder.Hold(waiting, milliseconds(std::stoi(std::string(*request.query()))));
        waiting->Take(std::move(responder));
        ++begun_;
      });
    };
  }
  void WakeAll() {
    const std::lock_guard lock(mutex_);
    for (const Waker& waker : wakers_) waker.Wake();
  }
  bool AwaitWaiting(int count) {
    return Eventually([&] { return begun_ == count && there_ == count; });
  }

  std::atomic<int> there_{0};
  std::atomic<int> begun_{0};
  std::mutex mutex_;
  std::vector<Waker> wakers_;
};

TEST_F(HeldTest, OneIsAnsweredWhenItIsWoken) {
  ProbeServer server({}, 2, Routes());
  HttpClient client(server.port());
  client.Send(Get("/wait?60000") + Get("/target?next"));
  ASSERT_TRUE(AwaitWaiting(1));
  EXPECT_TRUE(client.StaysSilent(milliseconds(20)));
  WakeAll();
  EXPECT_EQ(client.Read()->body, "woken");
  EXPECT_EQ(client.Read()->body, "/target next");
  EXPECT_EQ(there_, 0);
  WakeAll();  // nobody, by now
  client.Send(Get("/target?more"));
  EXPECT_EQ(client.Read()->body, "/target more");
}

TEST_F(HeldTest, EachIsOverAfterItsOwnTime) {
  ProbeServer server({}, 1, Routes());
  HttpClient late(server.port());
  HttpClient soon(server.port());
  late.Send(Get("/wait?60000"));
  ASSERT_TRUE(AwaitWaiting(1));
  const auto began = std::chrono::steady_clock::now();
  soon.Send(Get("/wait?40"));
  EXPECT_EQ(soon.Read()->body, "over");
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(40));
  EXPECT_TRUE(late.StaysSilent(milliseconds(20)));
  soon.Send(Get("/wait?0"));
  EXPECT_EQ(soon.Read()->body, "over");
}

TEST_F(HeldTest, AClientThatGoesAwayEndsIt) {
  ProbeServer server({}, 2, Routes());
  {
    HttpClient client(server.port());
    client.Send(Get("/wait?60000"));
    ASSERT_TRUE(AwaitWaiting(1));
    client.Reset();
  }
  EXPECT_TRUE(Eventually([&] { return there_ == 0; }));
  WakeAll();
}

TEST_F(HeldTest, AClientThatHasClosedItsSideIsAnsweredAtOnce) {
  ProbeServer server({}, 2, Routes());
  HttpClient client(server.port());
  client.Send(Get("/wait?60000"));
  client.HalfClose();
  EXPECT_THAT(client.ReadToEnd().value_or(""), HasSubstr("\r\n\r\nover"));
}

TEST_F(HeldTest, ADrainEndsAllAndThoseThatCome) {
  ProbeServer server({}, 2, Routes());
  std::vector<HttpClient> clients;
  for (int i = 0; i < 20; ++i) clients.emplace_back(server.port()).Send(Get("/wait?60000"));
  HttpClient half(server.port());
  half.Send("GET /wait?60000 HTTP/1.1\r\n");
  ASSERT_TRUE(AwaitWaiting(20));
  auto drained =
      std::async(std::launch::async, [&] { return server.server().Drain(milliseconds(20'000)); });
  for (HttpClient& client : clients) {
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->body, "over");
    EXPECT_EQ(reply->Field("connection"), "close");
    client.HalfClose();
  }
  half.Send("Host: a\r\n\r\n");
  EXPECT_EQ(half.Read()->body, "over");
  half.HalfClose();
  EXPECT_TRUE(drained.get());
}

// A source that says what it is told to, and that others see.
struct Channel {
  std::mutex mutex;
  Waker waker;
  std::string text;    // that is to be said next
  bool ended = false;  // after that
  std::size_t held_bytes = 0;
  std::string signs;  // what it was told, a letter each
  std::atomic<bool> started{false};
  std::atomic<bool> gone{false};

  void Say(const std::string& what, bool last = false, std::size_t held = 0) {
    Waker to_wake;
    {
      const std::lock_guard lock(mutex);
      text += what;
      ended = last;
      held_bytes = held;
      to_wake = waker;
    }
    to_wake.Wake();
  }
  std::string told() {
    const std::lock_guard lock(mutex);
    return signs;
  }
};

class ChannelSource : public BodySource {
 public:
  explicit ChannelSource(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  ~ChannelSource() override { channel_->gone = true; }

  void OnStart(const Waker& waker) override {
    const std::lock_guard lock(channel_->mutex);
    channel_->waker = waker;
    channel_->started = true;
  }
  bool Next(BodyPiece& piece) override {
    const std::lock_guard lock(channel_->mutex);
    piece.text.swap(channel_->text);
    piece.waits = !channel_->ended;
    return !channel_->ended;
  }
  std::size_t held_bytes() const override {
    const std::lock_guard lock(channel_->mutex);
    return channel_->held_bytes;
  }
  void OnQuiet() override { Note('q', ".", false); }
  void EndSoon(CloseReason why) override {
    Note(why == CloseReason::kDrain ? 'd' : 'c', "end", true);
  }
  void OnCut(CloseReason why) override {
    Note(why == CloseReason::kWriteTimeout ? 'w'
         : why == CloseReason::kOverload   ? 'o'
                                           : 'x',
         "", true);
  }

 private:
  void Note(char sign, const char* text, bool ended) {
    const std::lock_guard lock(channel_->mutex);
    channel_->signs.push_back(sign);
    channel_->text += text;
    channel_->ended = ended;
  }

  const std::shared_ptr<Channel> channel_;
};

class WaitingSourceTest : public testing::Test {
 protected:
  ProbeServer::AddRoutes Routes() {
    return [this](http::Router& router) {
      router.Add(Method::Get, "/live", [this](Request&, Responder responder) {
        Response response;
        response.source = std::make_unique<ChannelSource>(channel_);
        std::move(responder).Send(std::move(response));
      });
    };
  }
  HttpClient Follow(const ProbeServer& server, int receive_buffer_bytes = 0) {
    HttpClient client(server.port(), receive_buffer_bytes);
    client.Send(Get("/live"));
    EXPECT_TRUE(Eventually([&] { return channel_->started.load(); }));
    return client;
  }

  const std::shared_ptr<Channel> channel_ = std::make_shared<Channel>();
};

TEST_F(WaitingSourceTest, TheHeaderComesAtOnceAndEachPieceWhenItIsThere) {
  ProbeServer server({}, 2, Routes());
  HttpClient client = Follow(server);
  EXPECT_THAT(client.ReadThrough("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_TRUE(client.StaysSilent(milliseconds(20)));
  channel_->Say("one");
  EXPECT_EQ(client.ReadThrough("one\r\n"), "3\r\none\r\n");
  channel_->Say("three");
  EXPECT_EQ(client.ReadThrough("three\r\n"), "5\r\nthree\r\n");
  channel_->Say("", true);
  EXPECT_EQ(client.ReadThrough("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return channel_->gone.load(); }));
  client.Send(Get("/target?next"));
  EXPECT_EQ(client.Read()->body, "/target next");
  EXPECT_EQ(channel_->told(), "");
}

TEST_F(WaitingSourceTest, OneThatIsQuietIsAskedForASignOfLifeEachTime) {
  http::Limits limits;
  limits.quiet_time = milliseconds(20);
  ProbeServer server(limits, 2, Routes());
  HttpClient client = Follow(server);
  const std::string read = client.ReadThrough("1\r\n.\r\n1\r\n.\r\n1\r\n.\r\n");
  EXPECT_THAT(read, HasSubstr("1\r\n.\r\n"));
}

TEST_F(WaitingSourceTest, ADrainHasItComeToItsEnd) {
  ProbeServer server({}, 2, Routes());
  HttpClient client = Follow(server);
  client.ReadThrough("\r\n\r\n");
  auto drained =
      std::async(std::launch::async, [&] { return server.server().Drain(milliseconds(20'000)); });
  EXPECT_EQ(client.ReadToEnd(), "3\r\nend\r\n0\r\n\r\n");
  client.HalfClose();
  EXPECT_TRUE(drained.get());
  EXPECT_EQ(channel_->told(), "d");
}

TEST_F(WaitingSourceTest, AClientThatHasClosedItsSideGetsItsEnd) {
  ProbeServer server({}, 2, Routes());
  HttpClient client = Follow(server);
  client.ReadThrough("\r\n\r\n");
  client.HalfClose();
  EXPECT_EQ(client.ReadToEnd(), "3\r\nend\r\n0\r\n\r\n");
  EXPECT_EQ(channel_->told(), "c");
}

TEST_F(WaitingSourceTest, AClientThatGoesAwayEndsIt) {
  ProbeServer server({}, 2, Routes());
  HttpClient client = Follow(server);
  client.Reset();
  EXPECT_TRUE(Eventually([&] { return channel_->gone.load(); }));
  EXPECT_EQ(channel_->told(), "x");
  channel_->Say("nobody");
}

TEST_F(WaitingSourceTest, AClientThatReadsNothingIsCutOff) {
  http::Limits limits;
  limits.write_timeout = milliseconds(200);
  ProbeServer server(limits, 2, Routes());
  HttpClient client = Follow(server, 4096);
  channel_->Say(std::string(64 << 20, 'x'));
  EXPECT_TRUE(Eventually([&] { return channel_->gone.load(); }));
  EXPECT_EQ(channel_->told(), "w");
}

TEST_F(WaitingSourceTest, OneThatComesToKeepMoreThanThereIsRoomForIsCutOff) {
  http::Limits limits;
  limits.body_memory_bytes_max = 1'000;
  ProbeServer server(limits, 2, Routes());
  HttpClient client = Follow(server);
  client.ReadThrough("\r\n\r\n");
  channel_->Say("much", false, 900);
  EXPECT_EQ(client.ReadThrough("much\r\n"), "4\r\nmuch\r\n");
  channel_->Say("more", false, 1'100);
  EXPECT_TRUE(Eventually([&] { return channel_->gone.load(); }));
  EXPECT_EQ(channel_->told(), "o");
}

TEST_F(WaitingSourceTest, HeadHasNeitherItNorItsFraming) {
  ProbeServer server({}, 2, Routes());
  HttpClient client(server.port());
  client.Send("HEAD /live HTTP/1.1\r\nHost: a\r\n\r\n" + Get("/target?next"));
  EXPECT_EQ(client.Read(true)->body, "");
  EXPECT_EQ(client.Read()->body, "/target next");
  EXPECT_FALSE(channel_->started);
}

TEST_F(WaitingSourceTest, ManyWakesAtOnceReachEachConnection) {
  std::mutex mutex;
  std::vector<std::shared_ptr<Channel>> channels;
  ProbeServer server({}, 2, [&](http::Router& router) {
    router.Add(Method::Get, "/live", [&](Request&, Responder responder) {
      const auto channel = std::make_shared<Channel>();
      Response response;
      response.source = std::make_unique<ChannelSource>(channel);
      const std::lock_guard lock(mutex);
      channels.push_back(channel);
      std::move(responder).Send(std::move(response));
    });
  });
  std::vector<HttpClient> clients;
  for (int i = 0; i < 500; ++i) clients.emplace_back(server.port()).Send(Get("/live"));
  for (HttpClient& client : clients) client.ReadThrough("\r\n\r\n");
  for (int round = 0; round < 3; ++round) {
    for (const auto& channel : channels) channel->Say("x");
    for (HttpClient& client : clients) EXPECT_EQ(client.ReadThrough("x\r\n"), "1\r\nx\r\n");
  }
}

}  // namespace
}  // namespace daybook::test
