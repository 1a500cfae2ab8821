// MemoryLog keeps its records in memory, under one mutex, and forgets them with the process: an
// append survives nothing. For trying daybook out, for tests, and as the yardstick that the other
// engines are measured against.
//
// A batch is encoded once into a block of memory that never moves; an index holds where each record
// starts. A page points into the blocks and shares their ownership, so reading copies no value and
// delays no append for longer than finding the records takes. Thread-safe; callbacks run within the
// call, after the mutex was released.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "log/log.h"

namespace daybook::log {

class MemoryLog : public Log {
 public:
  // Holds at most `bytes_max` bytes of records, counted with what the index and the framing of each
  // take. `clock` must outlive the log.
  MemoryLog(const Clock& clock, std::uint64_t bytes_max, const IdempotencyLimits& idempotency = {})
      : clock_(clock),
        bytes_max_(bytes_max),
        id_(LogId::Random()),
        created_(clock.Now()),
        window_(idempotency) {}

  using Log::Append;
  void Append(Batch batch, AppendOptions options, AppendDone done) override;
  void Read(Offset from, const ReadLimits& limits, ReadDone done) override;
  void Info(InfoDone done) override;
  void Trim(Offset before, InfoDone done) override;
  void Configure(const RetentionChange& change, InfoDone done) override;

  // True when the last append found no room.
  bool full() const;
  Activity activity() const;

 private:
  struct Block;
  struct Entry {
    Block* block;
    std::uint32_t position;  // bytes into the block
  };

  Result<Appended> AppendLocked(const Batch& batch, std::size_t batch_bytes, AppendOptions& options,
                                const BatchDigest& digest) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Result<Page> ReadLocked(Offset from, const ReadLimits& limits) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Block& BlockWithRoomFor(std::size_t bytes) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  LogInfo InfoLocked() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Offset next_offset() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whatever is asked of the log sees it without what retention takes.
  void Expire() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TrimFirst() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const Block& block) EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const std::uint64_t bytes_max_;
  const LogId id_;
  const Timestamp created_;

  mutable Mutex mutex_;
  std::deque<std::shared_ptr<Block>> blocks_ GUARDED_BY(mutex_);
  Block* current_ GUARDED_BY(mutex_) = nullptr;  // that small batches go to
  std::deque<Entry> index_ GUARDED_BY(mutex_);   // by offset, from first_offset_
  Offset first_offset_ GUARDED_BY(mutex_);
  Retention retention_ GUARDED_BY(mutex_);
  IdempotencyWindow window_ GUARDED_BY(mutex_);
  std::uint64_t held_bytes_ GUARDED_BY(mutex_) = 0;
  Activity activity_ GUARDED_BY(mutex_);
  Timestamp last_timestamp_ GUARDED_BY(mutex_);
  bool full_ GUARDED_BY(mutex_) = false;
};

// The engine `memory`: one MemoryLog, named `default`.
class MemoryLogStore : public LogStore {
 public:
  MemoryLogStore(const Clock& clock, std::uint64_t bytes_max,
                 const IdempotencyLimits& idempotency = {})
      : default_log_(clock, bytes_max, idempotency) {}

  const char* engine() const override { return "memory"; }
  Durability durability() const override { return Durability::kMemory; }
  Log* Find(std::string_view name) override {
    return name == kDefaultLog ? &default_log_ : nullptr;
  }
  std::vector<Check> Checks() const override;
  Activity activity() const override { return default_log_.activity(); }

 private:
  MemoryLog default_log_;
};

}  // namespace daybook::log
