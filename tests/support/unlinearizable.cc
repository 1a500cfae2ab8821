// unlinearizable FAULT: a server, in memory, that is wrong now and then, so that a checker can be
// seen to find it out. Prints {"port":N} and serves until its standard input ends.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/api.h"
#include "base/mutex.h"
#include "http/server.h"
#include "log/memory_store.h"

namespace daybook::test {
namespace {

constexpr int kEvery = 5;

// Takes a condition that is one record behind for one that holds; tells at times what the log was
// before the last append; trims one record less than it should.
enum class Fault { kLooseConditions, kStaleReads, kTrimsTooLittle };

class FaultyLog : public log::Log {
 public:
  FaultyLog(std::shared_ptr<log::Log> log, Fault fault) : log_(std::move(log)), fault_(fault) {}

  const std::string& name() const override { return log_->name(); }
  const log::LogId& id() const override { return log_->id(); }

  void Append(log::Batch batch, log::AppendOptions options, log::AppendDone done) override {
    const log::LogInfo before = InfoNow();
    if (fault_ == Fault::kLooseConditions && options.expected_next_offset &&
        *options.expected_next_offset + 1 == before.next_offset) {
      options.expected_next_offset.reset();
    }
    {
      const MutexLock lock(mutex_);
      before_last_append_ = before;
    }
    log_->Append(std::move(batch), std::move(options), std::move(done));
  }
  void Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) override {
    log_->Read(from, limits, std::move(done));
  }
  void Info(log::InfoDone done) override {
    log::LogInfo info = InfoNow();
    if (fault_ == Fault::kStaleReads) {
      const MutexLock lock(mutex_);
      if (++infos_ % kEvery == 0) info = before_last_append_;
    }
    done(info);
  }
  log::WatchList& watches() override { return log_->watches(); }
  void Trim(Offset before, log::InfoDone done) override {
    const bool less = fault_ == Fault::kTrimsTooLittle && before > Offset(0);
    log_->Trim(less ? Offset(before.value - 1) : before, std::move(done));
  }
  void Configure(const log::RetentionChange& change, log::InfoDone done) override {
    log_->Configure(change, std::move(done));
  }
  void GetCursor(std::string_view name, log::CursorDone done) override {
    log_->GetCursor(name, std::move(done));
  }
  void Cursors(log::CursorsDone done) override { log_->Cursors(std::move(done)); }
  void PutCursor(std::string name, Offset offset, const log::CursorCondition& condition,
                 log::CursorPutDone done) override {
    log_->PutCursor(std::move(name), offset, condition, std::move(done));
  }
  void DeleteCursor(std::string_view name, const log::CursorCondition& condition,
                    log::DeleteDone done) override {
    log_->DeleteCursor(name, condition, std::move(done));
  }

 private:
  log::LogInfo InfoNow() {
    log::LogInfo now;
    log_->Info([&](const Result<log::LogInfo>& info) { now = *info; });
    return now;
  }

  const std::shared_ptr<log::Log> log_;
  const Fault fault_;
  Mutex mutex_;
  log::LogInfo before_last_append_ GUARDED_BY(mutex_);
  int infos_ GUARDED_BY(mutex_) = 0;
};

// Shows `default` through its faults.
class FaultyStore : public log::MemoryLogStore {
 public:
  explicit FaultyStore(Fault fault)
      : MemoryLogStore(Clock::System(), 1 << 30),
        log_(std::make_shared<FaultyLog>(Default(), fault)) {}

  void Find(std::string_view name, log::FindDone done) override {
    if (name == log::kDefaultLog) return done(std::shared_ptr<log::Log>(log_));
    MemoryLogStore::Find(name, std::move(done));
  }

 private:
  std::shared_ptr<log::Log> Default() {
    std::shared_ptr<log::Log> found;
    MemoryLogStore::Find(log::kDefaultLog,
                         [&](const Result<std::shared_ptr<log::Log>>& log) { found = *log; });
    return found;
  }

  const std::shared_ptr<FaultyLog> log_;
};

int Serve(Fault fault) {
  FaultyStore store(fault);
  http::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  const auto server =
      http::Server::Start(options, api::MakeRouter(store, {"0", "faulty", ""}, {}, {}));
  if (!server.ok()) return 1;
  std::printf("{\"port\":%u}\n", static_cast<unsigned>((*server)->port()));
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace
}  // namespace daybook::test

int main(int argc, char** argv) {
  using daybook::test::Fault;
  const std::string_view fault = argc == 2 ? argv[1] : "";
  if (fault == "loose-conditions") return daybook::test::Serve(Fault::kLooseConditions);
  if (fault == "stale-reads") return daybook::test::Serve(Fault::kStaleReads);
  if (fault == "trims-too-little") return daybook::test::Serve(Fault::kTrimsTooLittle);
  std::fprintf(stderr, "unlinearizable loose-conditions|stale-reads|trims-too-little\n");
  return 2;
}
