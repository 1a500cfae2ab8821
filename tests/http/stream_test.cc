// Answers that are made as they are sent.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
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
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using std::chrono::milliseconds;

// A source made of a function.
class Made : public BodySource {
 public:
  using Step = std::function<bool(BodyPiece& piece)>;

  explicit Made(Step step, std::optional<std::uint64_t> size = {}, std::size_t held_bytes = 0)
      : step_(std::move(step)), size_(size), held_bytes_(held_bytes) {}

  bool Next(BodyPiece& piece) override { return step_(piece); }
  std::optional<std::uint64_t> size() const override { return size_; }
  std::size_t held_bytes() const override { return held_bytes_; }

 private:
  const Step step_;
  const std::optional<std::uint64_t> size_;
  const std::size_t held_bytes_;
};

Made::Step InPieces(std::vector<std::string> pieces) {
  return [pieces = std::move(pieces), at = std::size_t{0}](BodyPiece& piece) mutable {
    if (at < pieces.size()) piece.text = pieces[at++];
    return at < pieces.size();
  };
}

// So much as no buffers on the way hold, in pieces of kPieceBytes.
constexpr std::size_t kPieceBytes = 32 << 10;
constexpr std::size_t kMuch = 64 << 20;
Made::Step Much() {
  return [left = kMuch / kPieceBytes](BodyPiece& piece) mutable {
    piece.text.assign(kPieceBytes, 'x');
    return --left > 0;
  };
}

using MakeSource = std::function<std::unique_ptr<BodySource>()>;

ProbeServer::AddRoutes Serving(MakeSource make) {
  return [make = std::move(make)](http::Router& router) {
    router.Add(Method::Get, "/made", [make](Request&, Responder responder) {
      Response response;
      response.source = make();
      std::move(responder).Send(std::move(response));
    });
  };
}

ProbeServer::AddRoutes Serving(std::vector<std::string> pieces,
                               std::optional<std::uint64_t> size = {}) {
  return Serving([pieces = std::move(pieces), size] {
    return std::make_unique<Made>(InPieces(pieces), size);
  });
}

std::uint64_t Closed(const ProbeServer& server, CloseReason reason) {
  return server.server().ReadStats().connections_closed[static_cast<std::size_t>(reason)];
}

// A client whose answer has begun and cannot be sent to its end before more of it is read.
HttpClient SlowReader(const ProbeServer& server) {
  HttpClient client(server.port(), 4096);
  client.Send(Get("/made"));
  EXPECT_EQ(client.ReadSome(100).size(), 100U);
  return client;
}

TEST(Stream, OneOfUnknownSizeIsChunkedAPieceAChunk) {
  ProbeServer server({}, 2, Serving({"hello", "", std::string(26, 'x'), ""}));
  HttpClient client(server.port());
  client.Send(Get("/made", "Connection: close\r\n"));
  const std::string answer = client.ReadToEnd().value_or("");
  const std::size_t header_bytes = answer.find("\r\n\r\n") + 4;
  EXPECT_NE(answer.substr(0, header_bytes).find("\r\nTransfer-Encoding: chunked\r\n"),
            std::string::npos);
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
  EXPECT_EQ(answer.substr(header_bytes),
            "5\r\nhello\r\n1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
}

TEST(Stream, OneOfKnownSizeHasItsLength) {
  ProbeServer server({}, 2, Serving({"hello", " ", "world"}, 11));
  HttpClient client(server.port());
  client.Send(Get("/made") + Get("/target?next"));
  const auto reply = client.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->Field("content-length"), "11");
  EXPECT_EQ(reply->Field("transfer-encoding"), "");
  EXPECT_EQ(reply->body, "hello world");
  EXPECT_EQ(client.Read()->body, "/target next");
}

TEST(Stream, AnEmptyOneIsAnAnswer) {
  for (const std::optional<std::uint64_t> size : {std::optional<std::uint64_t>(), {0}}) {
    ProbeServer server({}, 2, Serving({}, size));
    HttpClient client(server.port());
    client.Send(Get("/made") + Get("/target?next"));
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->body, "");
    EXPECT_EQ(client.Read()->body, "/target next");
  }
}

TEST(Stream, Http10GetsNoChunksAndIsKeptOnlyWithALength) {
  const std::string request = "GET /made HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  ProbeServer unknown({}, 2, Serving({"hello", " world"}));
  HttpClient closed(unknown.port());
  closed.Send(request);
  const std::string answer = closed.ReadToEnd().value_or("");
  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_EQ(answer.find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n")), "\r\n\r\nhello world");
  ProbeServer known({}, 2, Serving({"hello", " world"}, 11));
  HttpClient kept(known.port());
  for (int i = 0; i < 2; ++i) {
    kept.Send(request);
    const auto reply = kept.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->Field("connection"), "keep-alive");
    EXPECT_EQ(reply->body, "hello world");
  }
}

TEST(Stream, HeadAsksTheSourceForItsSizeAlone) {
  for (const std::optional<std::uint64_t> size : {std::optional<std::uint64_t>(), {11}}) {
    std::atomic<int> pulls{0};
    ProbeServer server({}, 2, Serving([&] {
                         return std::make_unique<Made>([&](BodyPiece&) { return ++pulls < 3; },
                                                       size);
                       }));
    HttpClient client(server.port());
    client.Send("HEAD /made HTTP/1.1\r\nHost: a\r\n\r\n" + Get("/target?next"));
    const auto reply = client.Read(true);
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->Field("content-length"), size ? "11" : "");
    EXPECT_EQ(reply->Field("transfer-encoding"), "");
    EXPECT_EQ(client.Read()->body, "/target next");
    EXPECT_EQ(pulls, 0);
  }
}

TEST(Stream, RequestsBehindOneAreAnsweredBehindIt) {
  ProbeServer server({}, 1);
  HttpClient client(server.port());
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests += Get("/stream?" + std::to_string(1000 * i)) + Get("/target?" + std::to_string(i));
  std::thread sender([&] { client.Send(requests); });
  for (std::size_t i = 0; i < 100; ++i) {
    const auto made = client.Read();
    const auto next = client.Read();
    const bool right = made && next && made->body == std::string(1000 * i, 'x') &&
                       next->body == "/target " + std::to_string(i);
    EXPECT_TRUE(right) << i;
    if (!right) break;
  }
  sender.join();
}

TEST(Stream, TextsAndViewsOfAnySizeArriveInTheirOrder) {
  std::string whole(8 << 20, '\0');
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<char>(i / 7 + i / 5000);
  for (const std::optional<std::uint64_t> size : {std::optional<std::uint64_t>(), {whole.size()}}) {
    ProbeServer server({}, 2, Serving([&] {
                         auto step = [&, at = std::size_t{0},
                                      random = std::minstd_rand(7)](BodyPiece& piece) mutable {
                           const std::size_t bytes_max = random() % 4 == 0 ? 200'000 : 5'000;
                           piece.text = whole.substr(at, random() % bytes_max);
                           at += piece.text.size();
                           piece.view = std::string_view(whole).substr(at, random() % bytes_max);
                           at += piece.view.size();
                           return at < whole.size();
                         };
                         return std::make_unique<Made>(step, size);
                       }));
    HttpClient client(server.port());
    client.Send(Get("/made"));
    const auto reply = client.Read();
    ASSERT_TRUE(reply.has_value());
    EXPECT_TRUE(reply->body == whole);
  }
}

TEST(Stream, LittleOfItWaitsForASlowReader) {
  std::atomic<http::Server*> counted{nullptr};
  std::atomic<std::uint64_t> waiting_max{0};
  ProbeServer server({}, 1, Serving([&] {
                       auto step = [&, pulled = std::uint64_t{0},
                                    much = Much()](BodyPiece& piece) mutable {
                         // The header was sent, too.
                         const std::uint64_t sent = counted.load()->ReadStats().sent_bytes;
                         if (pulled > sent) waiting_max = std::max(+waiting_max, pulled - sent);
                         const bool more = much(piece);
                         pulled += piece.text.size();
                         return more;
                       };
                       return std::make_unique<Made>(std::move(step));
                     }));
  counted = &server.server();
  HttpClient client = SlowReader(server);
  EXPECT_EQ(client.ReadSome(kMuch).size(), kMuch);
  EXPECT_LT(waiting_max, 64U << 10);
}

TEST(Stream, OneWithoutEndDelaysNobody) {
  std::atomic<bool> stop{false};
  const auto add = [&](http::Router& router) {
    Serving([&] { return std::make_unique<Made>([&](BodyPiece&) { return !stop; }); })(router);
    router.Add(Method::Get, "/stop", [&](Request&, Responder responder) {
      stop = true;
      std::move(responder).Send({http::Code::No_Content, {}, {}});
    });
  };
  ProbeServer server({}, 1, add);
  HttpClient client(server.port());
  client.Send(Get("/made"));
  HttpClient other(server.port());
  other.Send(Get("/stop"));
  EXPECT_EQ(other.Read()->status, 204);
  EXPECT_EQ(client.Read()->body, "");
}

TEST(Stream, WithoutRoomForWhatItHoldsItIs503) {
  http::Limits limits;
  limits.body_memory_bytes_max = 1000;
  std::atomic<std::size_t> held_bytes{1001};
  ProbeServer server(limits, 1,  // which has given the memory back when it counts an end
                     Serving([&] { return std::make_unique<Made>(Much(), kMuch, held_bytes); }));
  HttpClient client(server.port());
  client.Send(Get("/made") + Get("/target?next"));
  EXPECT_EQ(client.Read()->status, 503);
  EXPECT_EQ(client.Read()->body, "/target next");
  held_bytes = 600;
  HttpClient slow = SlowReader(server);
  client.Send(Get("/made"));
  EXPECT_EQ(client.Read()->status, 503);
  EXPECT_GE(slow.ReadSome(kMuch).size(), kMuch);
  EXPECT_TRUE(Eventually([&] { return server.server().ReadStats().requests_ended == 4; }));
  client.Send(Get("/made"));
  EXPECT_EQ(client.Read()->body.size(), kMuch);
}

TEST(Stream, AFaultInTheSourceCutsItOff) {
  const auto throws = [calls = 0](BodyPiece& piece) mutable {
    if (++calls == 2) throw std::runtime_error("gone");
    piece.text = "some";
    return true;
  };
  const auto make = [&](int which) -> std::unique_ptr<BodySource> {
    if (which == 0) return std::make_unique<Made>(throws);
    return std::make_unique<Made>(InPieces({"four"}), which == 1 ? 3 : 5);
  };
  for (const int which : {0, 1, 2}) {
    ProbeServer server({}, 1, Serving([&] { return make(which); }));
    HttpClient client(server.port());
    client.Send(Get("/made"));
    EXPECT_FALSE(client.Read().has_value());
    EXPECT_TRUE(Eventually([&] { return Closed(server, CloseReason::kFault) == 1; })) << which;
    EXPECT_EQ(server.faults(), 1);
    HttpClient old(server.port());
    old.Send("GET /made HTTP/1.0\r\n\r\n");
    old.ReadToEnd();
    EXPECT_NE(old.state().find("reset"), std::string::npos) << old.state();
    HttpClient next(server.port());
    next.Send(Get("/target?x"));
    EXPECT_EQ(next.Read()->status, 200);
    EXPECT_EQ(server.server().ReadStats().requests_ended, 3U);
  }
}

TEST(Stream, AClientThatGoesAwayEndsTheSource) {
  std::atomic<int> alive{0};
  const auto make = [&] {
    const std::shared_ptr<void> life(nullptr, [&](void*) { --alive; });
    ++alive;
    return std::make_unique<Made>([life, much = Much()](BodyPiece& piece) { return much(piece); });
  };
  ProbeServer server({}, 1, Serving(make));
  for (const bool reset : {false, true}) {
    HttpClient client = SlowReader(server);
    EXPECT_GE(alive, 1);
    if (reset) client.Reset();
  }
  EXPECT_TRUE(Eventually([&] { return alive == 0; }));
  EXPECT_TRUE(Eventually([&] { return Closed(server, CloseReason::kClient) == 2; }));
  EXPECT_EQ(server.server().ReadStats().requests_ended, 2U);
}

TEST(Stream, AReaderThatStoppedIsDroppedAfterTheWriteTimeOut) {
  http::Limits limits;
  limits.write_timeout = milliseconds(100);
  ProbeServer server(limits, 1, Serving([] { return std::make_unique<Made>(Much()); }));
  const HttpClient slow = SlowReader(server);
  EXPECT_TRUE(Eventually([&] { return Closed(server, CloseReason::kWriteTimeout) == 1; }));
}

TEST(Stream, ADrainFinishesWhatIsUnderWay) {
  ProbeServer server({}, 1, Serving([] { return std::make_unique<Made>(Much(), kMuch); }));
  HttpClient idle(server.port());
  HttpClient slow(server.port(), 4096);
  slow.Send(Get("/made"));
  ASSERT_EQ(slow.ReadSome(100).size(), 100U);
  slow.Send(Get("/target?next"));
  auto drained =
      std::async(std::launch::async, [&] { return server.server().Drain(milliseconds(20'000)); });
  EXPECT_EQ(idle.ReadToEnd(), "");  // it drains
  const std::string rest = slow.ReadToEnd().value_or("");
  EXPECT_GT(rest.size(), kMuch);
  EXPECT_NE(rest.find("\r\nConnection: close\r\n\r\n/target next"), std::string::npos);
  slow.HalfClose();
  EXPECT_TRUE(drained.get());
}

class Bytes : public http::ExchangeObserver {
 public:
  bool wants_exchanges() const override { return true; }
  void OnExchange(const http::Exchange& exchange) override { last_ = exchange.body_bytes; }
  std::uint64_t last() const { return last_; }

 private:
  std::atomic<std::uint64_t> last_{0};
};

TEST(Stream, AnObserverIsToldTheBodysBytes) {
  Bytes bytes;
  http::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  options.observer = &bytes;
  http::Router router([](const http::Error&) { return Response(); });
  Serving({"hello", " world"})(router);
  const auto server = std::move(*http::Server::Start(options, std::move(router)));
  HttpClient client(server->port());
  client.Send(Get("/made"));
  EXPECT_EQ(client.Read()->body, "hello world");
  EXPECT_TRUE(Eventually([&] { return bytes.last() == 11; }));
}

}  // namespace
}  // namespace daybook::test
