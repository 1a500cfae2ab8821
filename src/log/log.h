// Log and LogStore: the seam between the HTTP dialects and the engines. Nothing here speaks of
// files or networks.
//
// Every call is asynchronous: it takes a callback, which runs exactly once, either within the call
// or later on any thread; it must neither block nor throw. A callback holds no lock of the engine.
// All calls may be made from any thread at any time until the store is destroyed; destroying it
// first runs every callback that is still owed.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "base/status.h"
#include "base/types.h"
#include "base/unique_function.h"
#include "log/idempotency.h"
#include "log/log_id.h"
#include "log/record.h"
#include "log/watch.h"

namespace daybook::log {

// What an append that was answered with success survives.
enum class Durability : std::uint8_t { kMemory, kFsync, kQuorum };

// "memory", "fsync" or "quorum", as the HTTP header Durability says it.
const char* DurabilityName(Durability durability);

struct AppendOptions {
  std::optional<Offset> expected_next_offset;  // the log has to end there
  std::string idempotency_key;                 // "": none; at most kIdempotencyKeyBytesMax
};

// A run of records from the offset that was asked for.
struct Page {
  std::vector<RecordView> records;
  Offset first_offset;                  // of the log
  Offset end;                           // the log's next_offset
  std::uint64_t bytes = 0;              // of the records' values, keys and headers
  std::shared_ptr<const void> backing;  // what the views point into
};

struct ReadLimits {
  std::uint64_t records_max = 1;
  std::uint64_t bytes_max =
      1 << 20;  // of values, keys and headers; one record is given even if it is larger
};

// What a log keeps at most; what is older, or more, is trimmed by itself. None: there is no bound.
struct Retention {
  std::optional<std::chrono::milliseconds> max_age;
  std::optional<std::uint64_t> max_bytes;  // that its records take in the engine

  bool keeps_all() const { return !max_age && !max_bytes; }

  friend bool operator==(const Retention&, const Retention&) = default;
};

// What is to become of a log's retention: what is absent here stays as it is.
struct RetentionChange {
  std::optional<std::optional<std::chrono::milliseconds>> max_age;
  std::optional<std::optional<std::uint64_t>> max_bytes;

  Retention ApplyTo(Retention retention) const {
    return {max_age.value_or(retention.max_age), max_bytes.value_or(retention.max_bytes)};
  }
};

// How long a log remembers idempotency keys.
struct IdempotencyPromise {
  std::chrono::milliseconds window{0};
  std::optional<std::uint64_t> keys_max;  // none: within the window, however many there are

  IdempotencyPromise() = default;
  IdempotencyPromise(const IdempotencyLimits& limits)  // NOLINT(google-explicit-constructor)
      : window(limits.window), keys_max(limits.keys_max) {}

  friend bool operator==(const IdempotencyPromise&, const IdempotencyPromise&) = default;
};

struct LogInfo {
  LogId id;
  Timestamp created;
  Offset first_offset;
  Offset next_offset;
  std::uint64_t bytes = 0;  // that its records take in the engine
  Retention retention;
  IdempotencyPromise idempotency;
};

// What an engine says of an offset behind a log's end, and of one below its first.
Status BeyondEnd(Offset offset, Offset next_offset);
Status Trimmed(Offset offset, Offset first_offset);
// And of a condition that does not hold.
Status NotTheEnd(Offset expected_next_offset, Offset next_offset);

// And of everything that is asked of a log that was deleted.
Status LogDeleted(std::string_view name);

// A position in a log that a consumer keeps there, under a name.
struct Cursor {
  std::string name;
  Offset offset;
  std::uint64_t revision = 0;  // a larger one each time that it is put, however often it is deleted
};

// What is to be so of a cursor that is put or deleted.
struct CursorCondition {
  std::optional<bool> exists;
  std::vector<std::uint64_t> revisions;  // it has one of these; none: whichever

  // kConditionFailed. `cursor`: null where there is none.
  Status Check(const Cursor* cursor) const;
};

struct CursorPut {
  Cursor cursor;
  bool made = false;  // there was none
};

using AppendDone = UniqueFunction<void(Result<Appended>)>;
using ReadDone = UniqueFunction<void(Result<Page>)>;
using InfoDone = UniqueFunction<void(Result<LogInfo>)>;
using CursorDone = UniqueFunction<void(Result<Cursor>)>;
using CursorsDone = UniqueFunction<void(Result<std::vector<Cursor>>)>;
using CursorPutDone = UniqueFunction<void(Result<CursorPut>)>;
using DeleteDone = UniqueFunction<void(Status)>;

// Whoever holds one may go on using it after it was deleted: then everything is answered
// kLogDeleted, also what was under way and has not come to its end.
class Log {
 public:
  virtual ~Log() = default;

  // As long as the log lives, both stay what they are.
  virtual const std::string& name() const = 0;
  virtual const LogId& id() const = 0;

  // Appends the batch as a whole; `done` gets where it stands, with the timestamp of its records,
  // once it is as durable as LogStore::durability() says and every later Read() sees it. An append
  // whose idempotency key is remembered gets the first one's answer, once that is known; then the
  // condition is looked at, then whether there is room. kKeyReused, kConditionFailed, kTooLarge,
  // kNoSpace, kUnavailable: nothing was appended. kUnknownOutcome: it may have been.
  virtual void Append(Batch batch, AppendOptions options, AppendDone done) = 0;
  void Append(Batch batch, AppendDone done) { Append(std::move(batch), {}, std::move(done)); }

  // Reads from `from` on. At next_offset the page is empty. kBeyondEnd behind it, kTrimmed below
  // first_offset; kLost where a repair gave the record up, kMissing where it is lost, and a page
  // ends before such a one. A page that is nearly as large as it may be may end earlier, too, where
  // that saves work. Shows only what no crash can take back.
  virtual void Read(Offset from, const ReadLimits& limits, ReadDone done) = 0;

  virtual void Info(InfoDone done) = 0;

  // Those who are told that it moved: soon after the append's answer, or before.
  virtual WatchList& watches() = 0;

  // Takes the records below `before` from readers, for good; their space is given back when the
  // engine can. There may be none. kBeyondEnd: `before` is behind next_offset. kUnknownOutcome:
  // they may be gone.
  virtual void Trim(Offset before, InfoDone done) = 0;
  // kUnknownOutcome: it may have been changed.
  virtual void Configure(const RetentionChange& change, InfoDone done) = 0;

  // Cursors are as durable as records. kNotFound: there is no cursor of that name.
  virtual void GetCursor(std::string_view name, CursorDone done) = 0;
  // Of all cursors, by name.
  virtual void Cursors(CursorsDone done) = 0;
  // Makes the cursor or moves it, also to where records were trimmed. kConditionFailed; kBeyondEnd:
  // the offset is behind next_offset; kNoSpace: there are as many as may be. kUnknownOutcome: it
  // may have been moved.
  virtual void PutCursor(std::string name, Offset offset, const CursorCondition& condition,
                         CursorPutDone done) = 0;
  // kNotFound, kConditionFailed. kUnknownOutcome: it may have been deleted.
  virtual void DeleteCursor(std::string_view name, const CursorCondition& condition,
                            DeleteDone done) = 0;
};

// How many there may be.
struct StoreLimits {
  std::uint64_t logs_max = 20'000;
  std::uint64_t cursors_max = 1'000;  // of one log
};

// One thing that readiness depends on.
struct Check {
  enum class State : std::uint8_t { kOk, kDegraded, kFailing };

  std::string name;
  State state = State::kOk;
  std::string detail;
};

// What was done to all logs of a store since it was made. Bytes are of values, keys and headers.
struct Activity {
  std::uint64_t appended_records = 0;
  std::uint64_t appended_bytes = 0;
  std::uint64_t read_records = 0;
  std::uint64_t read_bytes = 0;
};

// How an engine that commits appends in groups does so, and what it keeps.
struct CommitStats {
  // Groups of at most that many appends, and of more than the bound before; the last has no bound.
  static constexpr std::array<std::uint64_t, 11> kGroupBounds = {1,  2,   4,   8,   16,  32,
                                                                 64, 128, 256, 512, 1024};

  std::array<std::uint64_t, kGroupBounds.size() + 1> groups{};  // not cumulative
  std::uint64_t grouped_appends = 0;
  DurationHistogram<std::uint64_t> syncs;
  DurationHistogram<std::uint64_t> appends;  // from the call to its answer
  std::uint64_t queued_appends = 0;          // now
  std::chrono::nanoseconds running{0};       // for how long the group has been that is under way
  std::uint64_t segments = 0;
  std::uint64_t segment_bytes = 0;
  std::uint64_t free_bytes = 0;  // of the disk
  std::chrono::nanoseconds recovery_duration{0};
  std::uint64_t recovery_scanned_bytes = 0;
  std::uint64_t recovery_cut_bytes = 0;
  std::uint64_t recovery_rewritten_bytes = 0;
  std::uint64_t scrubbed_bytes = 0;  // that were read again and verified
  std::uint64_t scrub_passes = 0;    // over all that is there
  std::uint64_t scrub_damages = 0;   // places that the last pass, or the one under way, found
};

// How an engine that keeps its logs on other servers fares with them.
struct ReplicationStats {
  DurationHistogram<std::uint64_t> publishes;  // from sending to the acknowledgement, each try
  std::uint64_t publish_retries = 0;
  std::uint64_t in_flight_records = 0;          // now
  std::uint64_t waiting_appends = 0;            // for their turn to be sent, now
  std::map<std::string, std::uint64_t> errors;  // of tries to append, by kind
  std::uint64_t missing_records = 0;            // reads that found one to be lost
  bool connected = false;
  std::uint64_t reconnects = 0;
  std::uint64_t timeouts = 0;     // requests that were not answered in time
  std::uint64_t replica_lag = 0;  // operations that a replica was seen to be behind, the last time
};

// What one append may hold, where the engine bounds it.
struct AppendLimits {
  std::uint64_t records_max = UINT64_MAX;
  std::uint64_t value_bytes_max = UINT64_MAX;
};

struct Created {
  std::shared_ptr<Log> log;
  bool made = false;  // there was none of that name
};

using FindDone = UniqueFunction<void(Result<std::shared_ptr<Log>>)>;
using CreateDone = UniqueFunction<void(Result<Created>)>;
using ListDone = UniqueFunction<void(Result<std::vector<std::shared_ptr<Log>>>)>;

inline constexpr std::string_view kDefaultLog = "default";

// All logs of one engine. Names are the caller's to look at; any non-empty string of at most 128
// bytes may be one.
class LogStore {
 public:
  virtual ~LogStore() = default;

  virtual const char* engine() const = 0;
  virtual Durability durability() const = 0;

  // The log of that name. kDefaultLog always exists. kNotFound; kUnavailable: it cannot be told
  // now. A log that is held does not outlive the store.
  virtual void Find(std::string_view name, FindDone done) = 0;
  // Makes a log unless there is one of that name, which then stays as it is. kNoSpace: there are as
  // many as may be, or no room for one. kUnknownOutcome: it may have been made.
  virtual void Create(std::string_view name, const Retention& retention, CreateDone done) = 0;
  // Deletes that very log, which is not kDefaultLog, with all that is in it; nothing that was known
  // of it has a meaning for one that is made under its name later. kLogDeleted: it was before.
  // kUnknownOutcome: it may have been deleted.
  virtual void Delete(std::shared_ptr<Log> log, DeleteDone done) = 0;
  // At most `logs_max` logs by name: those whose names begin with `prefix` and come after `after`.
  virtual void List(std::string_view prefix, std::string_view after, std::size_t logs_max,
                    ListDone done) = 0;

  // What stands between the store and serving; it answers at once.
  virtual std::vector<Check> Checks() const = 0;
  virtual Activity activity() const = 0;
  // None for an engine that has no such thing.
  virtual std::optional<CommitStats> commit_stats() const { return std::nullopt; }

  virtual std::optional<ReplicationStats> replication_stats() const { return std::nullopt; }
  // They may change while the store serves. What is beyond them is answered kTooLarge.
  virtual AppendLimits append_limits() const { return {}; }

  // Finishes and answers all that was begun; appends that come later are answered kUnavailable. To
  // be called before what the callbacks use is destroyed.
  virtual void Close() {}
};

}  // namespace daybook::log
