// Requests to a store that says later which logs it has, over a real socket.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "api/api.h"
#include "base/mutex.h"
#include "http/server.h"
#include "log/memory_store.h"
#include "support/find_log.h"
#include "support/http_client.h"

namespace daybook::api {
namespace {

using test::Reply;
using testing::HasSubstr;

// Finds what it is asked for when it is told to.
class LateStore : public log::MemoryLogStore {
 public:
  LateStore() : MemoryLogStore(Clock::System(), 8 << 20) {}

  void Find(std::string_view name, log::FindDone done) override {
    const MutexLock lock(mutex_);
    owed_.emplace_back([this, name = std::string(name), done = std::move(done)]() mutable {
      MemoryLogStore::Find(name, std::move(done));
    });
    came_.NotifyAll();
  }
  // Waits for one to be asked.
  void FindOne() {
    UniqueFunction<void()> find;
    {
      const MutexLock lock(mutex_);
      while (owed_.empty()) came_.Wait(mutex_);
      find = std::move(owed_.front());
      owed_.pop_front();
    }
    find();
  }
  // Returns when one was asked for.
  void WaitForOne() {
    const MutexLock lock(mutex_);
    while (owed_.empty()) came_.Wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar came_;
  std::deque<UniqueFunction<void()>> owed_ GUARDED_BY(mutex_);
};

class AppendTargetTest : public testing::Test {
 protected:
  explicit AppendTargetTest(bool auto_create = false) {
    http::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    ApiLimits limits;
    limits.auto_create = auto_create;
    server_ = std::move(
        *http::Server::Start(options, MakeRouter(store_, {"1.2.3", "abc", "g++"}, limits, {})));
    client_ = std::make_unique<test::HttpClient>(server_->port());
  }

  void SendAppend(const std::string& name) {
    client_->Send(test::Post("/v1/logs/" + name + "/records", R"({"records":[{"text":"a"}]})",
                             "Content-Type: application/json\r\n"));
  }
  Reply Read() {
    const auto reply = client_->Read();
    EXPECT_TRUE(reply.has_value());
    return reply.value_or(Reply{});
  }

  LateStore store_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<test::HttpClient> client_;
};

TEST_F(AppendTargetTest, AnAppendWaitsForItsLog) {
  SendAppend("default");
  EXPECT_TRUE(client_->StaysSilent(std::chrono::milliseconds(50)));
  store_.FindOne();
  EXPECT_EQ(Read().status, 201);
}

TEST_F(AppendTargetTest, AnAppendToALogThatIsNotThereIsRefusedWhenThatIsKnown) {
  SendAppend("other");
  store_.FindOne();
  const Reply reply = Read();
  EXPECT_EQ(reply.status, 404);
  EXPECT_THAT(reply.body, HasSubstr(R"("outcome":"not_appended")"));
}

TEST_F(AppendTargetTest, AnUploadIsRefusedInTheMiddleOnceThatIsKnown) {
  client_->Send(
      "POST /v1/logs/other/records HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
      "Content-Length: 1000000\r\n\r\nfirst");
  store_.FindOne();
  client_->Send("second");
  EXPECT_EQ(Read().status, 404);
}

TEST_F(AppendTargetTest, AClientThatGoesAwayMeanwhileIsForgotten) {
  SendAppend("default");
  store_.WaitForOne();
  client_->Reset();
  store_.FindOne();
  client_ = std::make_unique<test::HttpClient>(server_->port());
  SendAppend("default");
  store_.FindOne();
  EXPECT_EQ(Read().status, 201);
}

TEST_F(AppendTargetTest, ReadsAndDialect1WaitForTheirLogToo) {
  client_->Send(test::Post("/", R"({"record":{"value":"YQ=="}})"));
  store_.FindOne();
  EXPECT_EQ(Read().body, "{\"offset\":0}\n");
  for (const char* target : {"/?offset=0", "/v1/logs/default/records", "/v1/logs/default/records/0",
                             "/v1/logs/default", "/v1/logs/default/cursors"}) {
    client_->Send(test::Get(target));
    store_.FindOne();
    EXPECT_EQ(Read().status, 200) << target;
  }
}

class LateAutoCreateTest : public AppendTargetTest {
 protected:
  LateAutoCreateTest() : AppendTargetTest(true) {}
};

TEST_F(LateAutoCreateTest, TheLogIsMadeWhenItIsKnownThatThereIsNone) {
  SendAppend("other");
  store_.FindOne();
  EXPECT_EQ(Read().status, 201);
}

}  // namespace
}  // namespace daybook::api
