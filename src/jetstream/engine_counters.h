// EngineCounters counts what the logs of one store do. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "base/mutex.h"
#include "log/log.h"

namespace daybook::jetstream {

class EngineCounters {
 public:
  void CountAppend(std::uint64_t records, std::uint64_t bytes) {
    appended_records_ += records;
    appended_bytes_ += bytes;
  }
  void CountRead(std::uint64_t records, std::uint64_t bytes) {
    read_records_ += records;
    read_bytes_ += bytes;
  }
  void CountMissing() { ++missing_; }
  void ObservePublish(std::chrono::nanoseconds duration);
  void CountRetry() { ++retries_; }
  // `kind` is one of those in errors_.
  void CountError(const char* kind);
  void NoteLag(std::uint64_t operations) { replica_lag_ = operations; }

  log::Activity activity() const {
    return {appended_records_, appended_bytes_, read_records_, read_bytes_};
  }
  // What is known here of it.
  log::ReplicationStats replication() const;

 private:
  std::atomic<std::uint64_t> appended_records_{0};
  std::atomic<std::uint64_t> appended_bytes_{0};
  std::atomic<std::uint64_t> read_records_{0};
  std::atomic<std::uint64_t> read_bytes_{0};
  std::atomic<std::uint64_t> missing_{0};
  std::atomic<std::uint64_t> retries_{0};
  std::atomic<std::uint64_t> replica_lag_{0};

  mutable Mutex mutex_;
  DurationHistogram<Counter> publishes_ GUARDED_BY(mutex_);
  std::map<std::string, std::uint64_t> errors_ GUARDED_BY(mutex_) = {
      {"not_connected", 0}, {"no_answer", 0}, {"no_leader", 0},
      {"no_space", 0},      {"too_many", 0},  {"refused", 0}};
};

}  // namespace daybook::jetstream
