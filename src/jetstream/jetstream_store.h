// The engine `jetstream`: logs that are streams of NATS, of which any number of daybooks serve the
// same. It keeps nothing itself.
//
// It serves once NATS was reached and found to promise what it must; it looks at that again when it
// was connected anew, and from time to time. Appends are refused while it does not, unless weaker
// durability is allowed. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "jetstream/durability_check.h"
#include "jetstream/engine_parts.h"
#include "jetstream/jetstream_log.h"
#include "jetstream/readiness.h"
#include "log/log.h"

namespace daybook::jetstream {

class JetStreamStore : public log::LogStore {
 public:
  // Begins to connect. kInvalidArgument: an option is wrong.
  static Result<std::unique_ptr<JetStreamStore>> Open(JetStreamOptions options);
  ~JetStreamStore() override;

  const char* engine() const override { return "jetstream"; }
  log::Durability durability() const override { return durability_; }

  void Find(std::string_view name, log::FindDone done) override;
  void Create(std::string_view name, const log::Retention& retention,
              log::CreateDone done) override;
  void Delete(std::shared_ptr<log::Log> log, log::DeleteDone done) override;
  void List(std::string_view prefix, std::string_view after, std::size_t logs_max,
            log::ListDone done) override;

  std::vector<log::Check> Checks() const override;
  log::Activity activity() const override { return counters_.activity(); }
  std::optional<log::ReplicationStats> replication_stats() const override;
  log::AppendLimits append_limits() const override;
  void Close() override;

  // Until appends are taken, or the time is over. For tests.
  Status AwaitServing(std::chrono::milliseconds timeout);

 private:
  using LogPtr = std::shared_ptr<JetStreamLog>;

  JetStreamStore(JetStreamOptions options, std::unique_ptr<Connection> connection);

  // kUnavailable: NATS was not reached yet.
  Status Prepared() const;
  Status Serving() const;
  Result<LogPtr> FindNow(const std::string& name);
  Result<log::Created> CreateNow(const std::string& name, const log::Retention& retention);
  Result<log::Created> MakeOrFind(const std::string& name, const log::Retention& retention);
  // None: another one made a log of that name meanwhile.
  Result<LogPtr> MakeNow(const std::string& name, const log::Retention& retention,
                         std::uint64_t revision);
  Status CheckRoomForLog();
  // After a deletion: what is left of the log.
  void ForgetEntry(const JetStreamLog& log);
  Status DeleteNow(JetStreamLog& log);
  Result<std::vector<std::shared_ptr<log::Log>>> ListNow(const std::string& prefix,
                                                         const std::string& after,
                                                         std::size_t logs_max);
  // The log that this is, made known where it is not.
  LogPtr Know(const std::string& name, const LogEntry& entry);
  void Forget(const JetStreamLog& log);

  void Keep();
  Status Probe();
  Status Prepare();
  // What the servers promise, and the catalogue's stream.
  void CheckDurability(const StreamInfo& catalogue);
  // Of a log's stream: what EngineParts::weakness_of says.
  std::string WeaknessOf(const StreamInfo& info);
  bool is_weak() const;
  // Asks the catalogue for the logs that are known: what changed meanwhile nobody told.
  void Refresh();
  void ReclaimAll();
  void OnLogNotice(const Incoming& message);
  void OnRecordNotice(const Incoming& message);

  const JetStreamOptions options_;
  const Names names_;
  const std::unique_ptr<Connection> connection_;
  StreamApi api_;
  KeyValues values_;
  Catalogue catalogue_;
  PublishWindow window_;
  PublishWindow reads_;
  Operations operations_;
  EngineCounters counters_;
  std::atomic<bool> closed_{false};
  std::atomic<log::Durability> durability_{log::Durability::kQuorum};
  Timers timers_;
  Workers workers_;
  EngineParts parts_;

  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool prepared_ GUARDED_BY(mutex_) = false;
  Status failure_ GUARDED_BY(mutex_);              // of the last try to reach NATS
  std::string found_weakness_ GUARDED_BY(mutex_);  // of the last check
  std::string weakness_ GUARDED_BY(mutex_);        // "": none that matters
  Readiness readiness_ GUARDED_BY(mutex_);
  std::map<std::string, LogPtr, std::less<>> logs_ GUARDED_BY(mutex_);
  std::map<log::LogId, LogPtr> logs_by_id_ GUARDED_BY(mutex_);
  SeenServers seen_servers_ GUARDED_BY(mutex_);

  // Of the keeper's thread alone.
  std::uint64_t checked_connects_ = 0;
  Connection::Clock::time_point checked_;
  Connection::Clock::time_point reclaimed_ = Connection::Clock::now();

  std::thread keeper_;
};

}  // namespace daybook::jetstream
