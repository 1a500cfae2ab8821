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
#include "support/simulated_file_system.h"

namespace daybook::api {

class EnginesTest : public testing::TestWithParam<const char*> {
 protected:
  static constexpr std::uint64_t kMemoryBytes = 32 << 20;  // that the engine memory may take

  explicit EnginesTest(const ApiLimits& limits = {}) {
    logging::SetLevel(logging::Level::kError);
    if (std::string(GetParam()) == "memory") {
      store_ = std::make_unique<log::MemoryLogStore>(clock_, kMemoryBytes);
    } else {
      auto opened = disk::DiskLogStore::Open(files_, clock_, "/data", {}, [](const Status&) {});
      (*opened)->AwaitRecovery();
      store_ = std::move(*opened);
    }
    http::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    server_ = std::move(
        *http::Server::Start(options, MakeRouter(*store_, {"1.2.3", "abc", "g++"}, limits, {})));
    client_ = std::make_unique<test::HttpClient>(server_->port());
  }
  ~EnginesTest() override {
    store_->Close();
    logging::SetLevel(logging::Level::kInfo);
  }

  // `fields` are whole lines.
  test::Reply Ask(const std::string& method, const std::string& target,
                  const std::string& body = "", const std::string& fields = "") {
    client_->Send(method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + fields +
                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    const auto reply = client_->Read(method == "HEAD");
    EXPECT_TRUE(reply.has_value()) << method << " " << target;
    return reply.value_or(test::Reply{});
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

  ManualClock clock_{Timestamp(1'700'000'000'000)};
  test::SimulatedFileSystem files_;
  std::unique_ptr<log::LogStore> store_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<test::HttpClient> client_;
};

inline auto Engines() { return testing::Values("memory", "disk"); }
inline std::string EngineName(const testing::TestParamInfo<const char*>& engine) {
  return engine.param;
}

}  // namespace daybook::api
