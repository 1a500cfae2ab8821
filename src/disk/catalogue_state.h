// What the catalogue's records say: which logs there are, how they are set, and what cursors they
// have. Pure functions; FORMAT.md lists the kinds of records.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "log/cursor_table.h"
#include "log/log.h"
#include "log/log_id.h"
#include "log/record.h"

namespace daybook::disk {

struct CatalogueEntry {
  log::LogId id;
  std::string name;
  Timestamp created;
  log::Retention retention;
};

// Null: none has that name.
const CatalogueEntry* FindByName(const std::vector<CatalogueEntry>& entries, std::string_view name);

// Makes a log, or says again that it is there.
log::NewRecord CreationOf(const CatalogueEntry& entry);
// Sets a log.
log::NewRecord SettingsOf(const log::LogId& id, const log::Retention& retention);
// Says that a log is no more, and that its folder is to go.
log::NewRecord DeletionOf(const log::LogId& id);
// Puts a cursor. Without a revision it gets the record's offset as its own.
log::NewRecord PutOf(const log::LogId& id, const log::Cursor& cursor);
log::NewRecord CursorDeletionOf(const log::LogId& id, std::string_view name);

class CatalogueState {
 public:
  // In the order of their names.
  std::vector<CatalogueEntry> entries() const;
  // Those that were deleted, and of which there may be a folder.
  std::vector<log::LogId> deleted() const { return {deleted_.begin(), deleted_.end()}; }
  // Null: there is no such log.
  const log::CursorTable* CursorsOf(const log::LogId& id) const;

  // As its creation would.
  void Add(const CatalogueEntry& entry);
  // There is no folder of a log that was deleted.
  void Forget(const log::LogId& id) { deleted_.erase(id); }

  // kDamaged: the record is of a kind that this program does not know. kNotFound: of a log that
  // there is not.
  Status Apply(const log::RecordView& record);

  // Records that bring an empty state to this one, and do nothing to it.
  log::Batch Snapshot() const;

 private:
  struct Logged {
    CatalogueEntry entry;
    log::CursorTable cursors;
  };

  static void ApplyTo(Logged& log, const log::RecordView& record);

  std::map<log::LogId, Logged> logs_;
  std::set<log::LogId> deleted_;
};

}  // namespace daybook::disk
