// What the catalogue's records say: which logs there are, and how they are set. Pure functions;
// FORMAT.md lists the kinds of records.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
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

class CatalogueState {
 public:
  const std::vector<CatalogueEntry>& entries() const { return entries_; }

  // As its creation would.
  void Add(const CatalogueEntry& entry);

  // kDamaged: the record is of a kind that this program does not know. kNotFound: of a log that
  // there is not.
  Status Apply(const log::RecordView& record);

  // Records that bring an empty state to this one, and do nothing to it.
  log::Batch Snapshot() const;

 private:
  CatalogueEntry* Find(const log::LogId& id);

  std::vector<CatalogueEntry> entries_;
};

}  // namespace daybook::disk
