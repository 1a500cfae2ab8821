// Catalogue says which log has which name, with its settings, and holds the cursors of all logs.
// Any daybook may change it; an entry is changed only from the revision that was read. Every call
// waits for NATS. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "jetstream/key_values.h"
#include "jetstream/names.h"
#include "log/log.h"

namespace daybook::jetstream {

struct LogEntry {
  log::LogId id;
  Timestamp created;
  Offset first_offset;  // what is below was trimmed, also where the stream has it still
  log::Retention retention;
  std::uint64_t revision = 0;

  std::string ToText() const;
  // None: it is no such entry.
  static std::optional<LogEntry> Parse(std::string_view text, std::uint64_t revision);
};

// What a name stands for. `revision` is that of the entry, or of its deletion.
struct Named {
  std::optional<LogEntry> entry;
  std::uint64_t revision = 0;
};

class Catalogue {
 public:
  // Both outlive it.
  Catalogue(KeyValues& values, const Names& names) : values_(values), names_(names) {}

  // kDamaged, kUnavailable.
  Result<Named> Find(std::string_view name);
  // kConditionFailed: another revision is there now. kUnknownOutcome. Returns the new revision.
  Result<std::uint64_t> Put(std::string_view name, const LogEntry& entry, std::uint64_t revision);
  Status Remove(std::string_view name, std::uint64_t revision);

  // All names in their order, of which some may be gone.
  Result<std::vector<std::string>> LogNames();
  // Those of them that are there.
  Result<std::map<std::string, LogEntry>> FindAll(const std::vector<std::string>& names);

  // A cursor, or where the revisions of one that is not there go on.
  struct NamedCursor {
    std::optional<log::Cursor> cursor;
    std::uint64_t revision = 0;
  };
  Result<NamedCursor> FindCursor(const log::LogId& log, std::string_view name);
  // By name.
  Result<std::vector<log::Cursor>> Cursors(const log::LogId& log);
  Result<std::uint64_t> PutCursor(const log::LogId& log, std::string_view name, Offset offset,
                                  std::uint64_t revision);
  Status RemoveCursor(const log::LogId& log, std::string_view name, std::uint64_t revision);
  Status ForgetCursors(const log::LogId& log) { return values_.Forget(names_.CursorKeys(log)); }

 private:
  KeyValues& values_;
  const Names& names_;
};

}  // namespace daybook::jetstream
