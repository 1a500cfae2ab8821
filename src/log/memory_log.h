// MemoryLog keeps its records in memory, under one mutex, and forgets them with the process: an
// append survives nothing. For trying daybook out, for tests, and as the yardstick that the other
// engines are measured against.
//
// A batch is encoded once into a block of memory that never moves; an index holds where each record
// starts. A page points into the blocks and shares their ownership, so reading copies no value and
// delays no append for longer than finding the records takes. Made and deleted by MemoryLogStore.
// Thread-safe; callbacks run within the call, after the mutex was released.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "log/cursor_table.h"
#include "log/log.h"
#include "log/memory_account.h"

namespace daybook::log {

class MemoryLog : public Log {
 public:
  struct Settings {
    std::string name;
    Retention retention;
    IdempotencyLimits idempotency;
    StoreLimits limits;
  };

  // `clock` and `account`, which counts the records with what the index and the framing of each
  // take, and the cursors, must outlive the log.
  MemoryLog(const Clock& clock, MemoryAccount& account, Settings settings);
  ~MemoryLog() override;

  const std::string& name() const override { return name_; }
  const LogId& id() const override { return id_; }

  using Log::Append;
  void Append(Batch batch, AppendOptions options, AppendDone done) override;
  void Read(Offset from, const ReadLimits& limits, ReadDone done) override;
  void Info(InfoDone done) override;
  WatchList& watches() override { return watches_; }
  void Trim(Offset before, InfoDone done) override;
  void Configure(const RetentionChange& change, InfoDone done) override;
  void GetCursor(std::string_view name, CursorDone done) override;
  void Cursors(CursorsDone done) override;
  void PutCursor(std::string name, Offset offset, const CursorCondition& condition,
                 CursorPutDone done) override;
  void DeleteCursor(std::string_view name, const CursorCondition& condition,
                    DeleteDone done) override;

  // From then on everything is answered kLogDeleted. Returns what it held, for the caller to let go
  // of where no lock is held.
  std::shared_ptr<const void> Delete();

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
  Result<CursorPut> PutCursorLocked(std::string name, Offset offset,
                                    const CursorCondition& condition)
      EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Status DeleteCursorLocked(std::string_view name, const CursorCondition& condition)
      EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // kLogDeleted.
  Status Present() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Result<LogInfo> InfoLocked() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Offset next_offset() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whatever is asked of the log sees it without what retention takes.
  void Expire() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TrimFirst() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const Block& block) EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  MemoryAccount& account_;
  const std::string name_;
  const StoreLimits limits_;
  const LogId id_;
  const Timestamp created_;
  WatchList watches_;

  mutable Mutex mutex_{Mutex::Held::kBriefly};
  bool deleted_ GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<Block>> blocks_ GUARDED_BY(mutex_);
  Block* current_ GUARDED_BY(mutex_) = nullptr;  // that small batches go to
  std::size_t next_block_bytes_ GUARDED_BY(mutex_);
  std::deque<Entry> index_ GUARDED_BY(mutex_);  // by offset, from first_offset_
  Offset first_offset_ GUARDED_BY(mutex_);
  Retention retention_ GUARDED_BY(mutex_);
  IdempotencyWindow window_ GUARDED_BY(mutex_);
  std::uint64_t held_bytes_ GUARDED_BY(mutex_) = 0;
  Timestamp last_timestamp_ GUARDED_BY(mutex_);
  CursorTable cursors_ GUARDED_BY(mutex_);
  std::uint64_t cursor_bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace daybook::log
