// EnginesTest serves the API over a real socket, on the engine that is its parameter, and asks it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "api/api.h"
#include "base/logging.h"
#include "disk/disk_store.h"
#include "http/server.h"
#include "log/memory_store.h"
#include "support/http_client.h"
#include "support/jetstream_streams.h"
#include "support/nats_servers.h"
#include "support/simulated_file_system.h"

namespace daybook::api {

class EnginesTest : public testing::TestWithParam<const char*> {
 protected:
  static constexpr std::uint64_t kMemoryBytes = 32 << 20;  // that the engine memory may take

  explicit EnginesTest(const ApiLimits& limits = {}) {
    logging::SetLevel(logging::Level::kError);
    const std::string engine = GetParam();
    if (engine == "jetstream") lacks_ = test::RunningNats().none;
    if (engine == "disk") {
      auto opened = disk::DiskLogStore::Open(files_, clock_, "/data", {}, [](const Status&) {});
      (*opened)->AwaitRecovery();
      store_ = std::move(*opened);
    } else if (engine == "jetstream" && lacks_.empty()) {
      store_ = test::OpenJetStream(nats_);
    } else {
      store_ = std::make_unique<log::MemoryLogStore>(clock_, kMemoryBytes);
    }
    http::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    server_ = std::move(*http::Server::Start(
        options, MakeRouter(*store_, {"1.2.3", "abc", "g++"}, limits, {}, nullptr, live_)));
    client_ = std::make_unique<test::HttpClient>(server_->port());
  }
  ~EnginesTest() override {
    store_->Close();
    server_.reset();
    store_.reset();
    if (nats_.prefix != jetstream::JetStreamOptions().prefix) test::DeleteStreams(nats_.prefix);
    logging::SetLevel(logging::Level::kInfo);
  }
  void SetUp() override {
    if (!lacks_.empty()) GTEST_SKIP() << lacks_;
  }
  // Sets what the engine has for the time. False: it has its own.
  bool SetTime(std::int64_t milliseconds) {
    clock_.Set(Timestamp(milliseconds));
    return SetsTime();
  }
  static bool SetsTime() { return std::string(GetParam()) != "jetstream"; }
  // What an append's answer says.
  static std::string DurabilityHere() {
    const std::string engine = GetParam();
    return engine == "disk" ? "fsync" : engine == "jetstream" ? "quorum" : "memory";
  }

  // `fields` are whole lines.
  test::Reply Ask(const std::string& method, const std::string& target,
                  const std::string& body = "", const std::string& fields = "") {
    client_->Send(method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + fields +
                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    auto reply = client_->Read(method == "HEAD");
    EXPECT_TRUE(reply.has_value()) << method << " " << target;
    if (!reply) return {};
    if (!SetsTime()) {
      ShowStart(reply->body);
      for (auto& [name, value] : reply->fields) ShowStart(value);
    }
    return *std::move(reply);
  }

  // That the reply is a problem which says so.
  static void ExpectProblem(const test::Reply& reply, int status, const std::string& kind,
                            const std::string& named) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.Field("content-type"), "application/problem+json");
    EXPECT_EQ(reply.Field("cache-control"), "no-store");
    EXPECT_THAT(reply.body, testing::HasSubstr("urn:daybook:problem:" + kind + "\""));
    EXPECT_THAT(reply.body, testing::HasSubstr(named));
  }

  // Puts the time at which the clock of tests stands into the place of each other one.
  static void ShowStart(std::string& text) {
    constexpr std::string_view kStart = "2023-11-14T22:13:20.000Z";
    for (std::size_t at = 0; at + kStart.size() <= text.size(); ++at) {
      const std::string_view here(text.data() + at, kStart.size());
      if (here[4] == '-' && here[10] == 'T' && here[13] == ':' && here[19] == '.' &&
          here[23] == 'Z')
        text.replace(at, kStart.size(), kStart);
    }
  }

  ManualClock clock_{Timestamp(1'700'000'000'000)};
  test::SimulatedFileSystem files_;
  jetstream::JetStreamOptions nats_ = test::JetStreamForTests();
  std::string lacks_;  // what the engine needs and is not here
  std::unique_ptr<log::LogStore> store_;
  const std::shared_ptr<LiveStats> live_ = std::make_shared<LiveStats>();
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<test::HttpClient> client_;
};

inline auto Engines() { return testing::Values("memory", "disk", "jetstream"); }
inline std::string EngineName(const testing::TestParamInfo<const char*>& engine) {
  return engine.param;
}

}  // namespace daybook::api
