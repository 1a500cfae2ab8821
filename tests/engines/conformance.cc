#include "engines/conformance.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

#include "base/logging.h"
#include "support/find_log.h"

namespace daybook::engines {

Batch Values(std::initializer_list<std::string> values) {
  Batch batch;
  for (const std::string& value : values) batch.push_back({std::nullopt, {}, value});
  return batch;
}

Result<Appended> Append(Log& log, Batch batch, AppendOptions options) {
  Answer<Result<Appended>> answer;
  log.Append(std::move(batch), std::move(options), answer.Done());
  return answer.Await();
}

Result<Appended> Append(Log& log, const std::string& value, AppendOptions options) {
  return Append(log, Values({value}), std::move(options));
}

Result<Page> Read(Log& log, std::uint64_t from, const ReadLimits& limits) {
  Answer<Result<Page>> answer;
  log.Read(Offset(from), limits, answer.Done());
  return answer.Await();
}

Result<LogInfo> Info(Log& log) {
  Answer<Result<LogInfo>> answer;
  log.Info(answer.Done());
  return answer.Await();
}

Result<LogInfo> Trim(Log& log, std::uint64_t before) {
  Answer<Result<LogInfo>> answer;
  log.Trim(Offset(before), answer.Done());
  return answer.Await();
}

Result<LogInfo> Configure(Log& log, const log::RetentionChange& change) {
  Answer<Result<LogInfo>> answer;
  log.Configure(change, answer.Done());
  return answer.Await();
}

Result<Cursor> GetCursor(Log& log, const std::string& name) {
  Answer<Result<Cursor>> answer;
  log.GetCursor(name, answer.Done());
  return answer.Await();
}

Result<std::vector<Cursor>> Cursors(Log& log) {
  Answer<Result<std::vector<Cursor>>> answer;
  log.Cursors(answer.Done());
  return answer.Await();
}

Result<CursorPut> PutCursor(Log& log, const std::string& name, std::uint64_t offset,
                            const CursorCondition& condition) {
  Answer<Result<CursorPut>> answer;
  log.PutCursor(name, Offset(offset), condition, answer.Done());
  return answer.Await();
}

Status DeleteCursor(Log& log, const std::string& name, const CursorCondition& condition) {
  Answer<Status> answer;
  log.DeleteCursor(name, condition, answer.Done());
  return answer.Await();
}

Result<log::Created> Create(log::LogStore& store, const std::string& name,
                            const log::Retention& retention) {
  Answer<Result<log::Created>> answer;
  store.Create(name, retention, answer.Done());
  return answer.Await();
}

Status Delete(log::LogStore& store, LogHandle log) {
  Answer<Status> answer;
  store.Delete(std::move(log), answer.Done());
  return answer.Await();
}

std::vector<std::string> List(log::LogStore& store, const std::string& prefix,
                              const std::string& after, std::size_t logs_max) {
  Answer<Result<std::vector<LogHandle>>> answer;
  store.List(prefix, after, logs_max, answer.Done());
  const Result<std::vector<LogHandle>> logs = answer.Await();
  std::vector<std::string> names;
  for (const LogHandle& log : *logs) names.push_back(log->name());
  return names;
}

std::uint64_t End(Log& log) { return Info(log)->next_offset.value; }

std::vector<Page> ReadPages(Log& log, std::uint64_t from, const ReadLimits& limits) {
  std::vector<Page> pages;
  for (Offset next(from);;) {
    Result<Page> page = Read(log, next.value, limits);
    EXPECT_TRUE(page.ok()) << page.status().ToString();
    if (!page.ok()) return pages;
    EXPECT_LE(page->records.size(), limits.records_max);
    EXPECT_TRUE(page->bytes <= limits.bytes_max || page->records.size() == 1) << page->bytes;
    std::uint64_t bytes = 0;
    for (const log::RecordView& record : page->records) {
      EXPECT_EQ(record.offset, next);
      next = next + 1;
      bytes += PayloadBytes(record);
    }
    EXPECT_EQ(page->bytes, bytes);
    EXPECT_LE(next, page->end);
    if (page->records.empty()) {
      EXPECT_EQ(next, page->end);
      return pages;
    }
    pages.push_back(std::move(*page));
  }
}

std::vector<std::string> ReadValues(Log& log, std::uint64_t from, const ReadLimits& limits) {
  std::vector<std::string> values;
  for (const Page& page : ReadPages(log, from, limits))
    for (const log::RecordView& record : page.records) values.emplace_back(record.value);
  return values;
}

void ExpectSame(const log::RecordView& record, const NewRecord& appended) {
  EXPECT_EQ(record.key, appended.key);
  EXPECT_TRUE(record.value == appended.value) << record.offset.value;
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& [name, value] : record.headers) headers.emplace_back(name, value);
  EXPECT_EQ(headers, appended.headers);
}

void AtOnce(int threads, const std::function<void(int)>& act) {
  std::latch begin(threads);
  std::vector<std::thread> started;
  for (int i = 0; i < threads; ++i) {
    started.emplace_back([&, i] {
      begin.arrive_and_wait();
      act(i);
    });
  }
  for (std::thread& thread : started) thread.join();
}

ConformanceTest::ConformanceTest(const EngineLimits& limits) {
  logging::SetLevel(logging::Level::kError);
  if (GetParam().lacks().empty()) engine_ = GetParam().make(limits);
}

void ConformanceTest::SetUp() {
  if (engine_ == nullptr) GTEST_SKIP() << GetParam().lacks();
}

ConformanceTest::~ConformanceTest() {
  engine_.reset();
  logging::SetLevel(logging::Level::kInfo);
}

std::string ConformanceTest::NewName() const {
  return "conformance-" + log::LogId::Random().ToString();
}

LogHandle ConformanceTest::NewLog() {
  const Result<log::Created> created = Create(store(), NewName());
  EXPECT_TRUE(created->made);
  return created->log;
}

void RestartTest::Restart(LogHandle& log) {
  const std::string name = log->name();
  log.reset();
  engine_->Restart();
  log = test::FindLog(store(), name);
}

}  // namespace daybook::engines
