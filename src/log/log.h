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

struct LogInfo {
  LogId id;
  Timestamp created;
  Offset first_offset;
  Offset next_offset;
  std::uint64_t bytes = 0;  // that its records take in the engine
  Retention retention;
  IdempotencyLimits idempotency;
};

// What an engine says of an offset behind a log's end, and of one below its first.
Status BeyondEnd(Offset offset, Offset next_offset);
Status Trimmed(Offset offset, Offset first_offset);
// And of a condition that does not hold.
Status NotTheEnd(Offset expected_next_offset, Offset next_offset);

using AppendDone = UniqueFunction<void(Result<Appended>)>;
using ReadDone = UniqueFunction<void(Result<Page>)>;
using InfoDone = UniqueFunction<void(Result<LogInfo>)>;

class Log {
 public:
  virtual ~Log() = default;

  // Appends the batch as a whole; `done` gets where it stands once it is as durable as
  // LogStore::durability() says. An append whose idempotency key is remembered gets the first one's
  // answer, once that is known; then the condition is looked at, then whether there is room.
  // kKeyReused, kConditionFailed, kTooLarge, kNoSpace, kUnavailable: nothing was appended.
  // kUnknownOutcome: it may have been.
  virtual void Append(Batch batch, AppendOptions options, AppendDone done) = 0;
  void Append(Batch batch, AppendDone done) { Append(std::move(batch), {}, std::move(done)); }

  // Reads from `from` on. At next_offset the page is empty. kBeyondEnd behind it, kTrimmed below
  // first_offset; kLost where a repair gave the record up, and a page ends before such a one. A
  // page that is nearly as large as it may be may end earlier, too, where that saves work. Shows
  // only what no crash can take back.
  virtual void Read(Offset from, const ReadLimits& limits, ReadDone done) = 0;

  virtual void Info(InfoDone done) = 0;

  // Takes the records below `before` from readers, for good; their space is given back when the
  // engine can. kBeyondEnd: `before` is behind next_offset. kUnknownOutcome: they may be gone.
  virtual void Trim(Offset before, InfoDone done) = 0;
  // kUnknownOutcome: it may have been changed.
  virtual void Configure(const RetentionChange& change, InfoDone done) = 0;
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

// All logs of one engine.
class LogStore {
 public:
  virtual ~LogStore() = default;

  virtual const char* engine() const = 0;
  virtual Durability durability() const = 0;

  // The log of that name, alive as long as the store; null where there is none. `default` always
  // exists.
  virtual Log* Find(std::string_view name) = 0;

  // What stands between the store and serving; it answers at once.
  virtual std::vector<Check> Checks() const = 0;
  virtual Activity activity() const = 0;
  // None for an engine that has no such thing.
  virtual std::optional<CommitStats> commit_stats() const { return std::nullopt; }

  // Finishes and answers all that was begun; appends that come later are answered kUnavailable. To
  // be called before what the callbacks use is destroyed.
  virtual void Close() {}
};

inline constexpr std::string_view kDefaultLog = "default";

}  // namespace daybook::log
