// ConformanceTest: a test that runs on each engine, and what such tests do with a log, each waiting
// for the answer. The functions may be called from any thread.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engines/engine.h"
#include "log/log.h"

namespace daybook {

// How a failed expectation shows it.
inline void PrintTo(StatusCode code, std::ostream* out) { *out << StatusCodeName(code); }

}  // namespace daybook

namespace daybook::engines {

using log::Appended;
using log::AppendOptions;
using log::Batch;
using log::Cursor;
using log::CursorCondition;
using log::CursorPut;
using log::Log;
using log::LogInfo;
using log::NewRecord;
using log::Page;
using log::ReadLimits;
using LogHandle = std::shared_ptr<Log>;

// What one callback gets. One that runs twice, or never, fails the test.
template <typename T>
class Answer {
 public:
  // The callback, to be taken once.
  auto Done() {
    return
        [promise = std::move(promise_)](T answer) mutable { promise.set_value(std::move(answer)); };
  }
  T Await() { return future_.get(); }
  bool is_there() const {
    return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

 private:
  std::promise<T> promise_;
  std::future<T> future_ = promise_.get_future();
};

Batch Values(std::initializer_list<std::string> values);

Result<Appended> Append(Log& log, Batch batch, AppendOptions options = {});
Result<Appended> Append(Log& log, const std::string& value, AppendOptions options = {});
Result<Page> Read(Log& log, std::uint64_t from, const ReadLimits& limits = {1'000, 1 << 20});
Result<LogInfo> Info(Log& log);
Result<LogInfo> Trim(Log& log, std::uint64_t before);
Result<LogInfo> Configure(Log& log, const log::RetentionChange& change);
Result<Cursor> GetCursor(Log& log, const std::string& name);
Result<std::vector<Cursor>> Cursors(Log& log);
Result<CursorPut> PutCursor(Log& log, const std::string& name, std::uint64_t offset,
                            const CursorCondition& condition = {});
Status DeleteCursor(Log& log, const std::string& name, const CursorCondition& condition = {});
Result<log::Created> Create(log::LogStore& store, const std::string& name,
                            const log::Retention& retention = {});
Status Delete(log::LogStore& store, LogHandle log);
// The names.
std::vector<std::string> List(log::LogStore& store, const std::string& prefix,
                              const std::string& after, std::size_t logs_max);

// Where the log ends.
std::uint64_t End(Log& log);
// Reads to the end, however many pages that takes, and expects them to keep to the limits and to be
// without a gap.
std::vector<Page> ReadPages(Log& log, std::uint64_t from = 0,
                            const ReadLimits& limits = {1'000, 1 << 20});
std::vector<std::string> ReadValues(Log& log, std::uint64_t from = 0,
                                    const ReadLimits& limits = {1'000, 1 << 20});
void ExpectSame(const log::RecordView& record, const NewRecord& appended);

// Calls `act` with 0, 1... on as many threads, which begin together, and waits for them.
void AtOnce(int threads, const std::function<void(int)>& act);

class ConformanceTest : public testing::TestWithParam<EngineKind> {
 protected:
  explicit ConformanceTest(const EngineLimits& limits = {});
  ~ConformanceTest() override;
  void SetUp() override;

  log::LogStore& store() { return engine_->store(); }
  // That no other log has, nor one of an earlier run.
  std::string NewName() const;
  LogHandle NewLog();

  std::unique_ptr<Engine> engine_;
};

// Runs where something survives a restart.
class RestartTest : public ConformanceTest {
 protected:
  using ConformanceTest::ConformanceTest;

  void SetUp() override {
    ConformanceTest::SetUp();
    if (engine_ != nullptr && !engine_->survives_restart())
      GTEST_SKIP() << "the engine keeps nothing across a restart";
  }
  // `log`, which alone is held, is found again.
  void Restart(LogHandle& log);
};

inline std::string NameOf(const testing::TestParamInfo<EngineKind>& engine) {
  return engine.param.name;
}

}  // namespace daybook::engines
