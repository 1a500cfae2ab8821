#include "disk/catalogue_state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "disk/little_endian.h"

namespace daybook::disk {
namespace {

constexpr std::size_t kIdBytes = 16;  // that each record's value begins with

// The key of a record that makes a log: its value is the id, a time and a name;
constexpr std::string_view kCreate = "create";
constexpr std::size_t kCreatedPosition = 16;
constexpr std::size_t kNamePosition = 24;
// of one that sets it: numbers of which 0 means that there is no bound;
constexpr std::string_view kSettings = "settings";
constexpr std::size_t kMaxAgePosition = 16;
constexpr std::size_t kMaxBytesPosition = 24;
constexpr std::size_t kSettingsBytes = 32;
// of one that deletes it;
constexpr std::string_view kDelete = "delete";
// of one that puts a cursor: an offset, a revision or 0, and a name;
constexpr std::string_view kCursor = "cursor";
constexpr std::size_t kOffsetPosition = 16;
constexpr std::size_t kRevisionPosition = 24;
constexpr std::size_t kCursorNamePosition = 32;
// and of one that deletes a cursor: a name.
constexpr std::string_view kCursorDelete = "cursor-delete";

log::NewRecord Make(std::string_view key, const log::LogId& id, std::size_t bytes) {
  log::NewRecord record;
  record.key = key;
  record.value.resize(bytes);
  std::copy(id.bytes.begin(), id.bytes.end(), record.value.begin());
  return record;
}

log::LogId IdOf(std::string_view value) {
  log::LogId id;
  std::copy_n(value.begin(), kIdBytes, id.bytes.begin());
  return id;
}

log::Retention RetentionOf(std::string_view value) {
  log::Retention retention;
  const auto max_age = GetInteger<std::int64_t>(value.data() + kMaxAgePosition);
  const auto max_bytes = GetInteger<std::uint64_t>(value.data() + kMaxBytesPosition);
  if (max_age > 0) retention.max_age = std::chrono::milliseconds(max_age);
  if (max_bytes > 0) retention.max_bytes = max_bytes;
  return retention;
}

Status Unknown(const log::RecordView& record) {
  return {StatusCode::kDamaged, "record " + std::to_string(record.offset.value) +
                                    " is of a kind that this program does not know"};
}

}  // namespace

const CatalogueEntry* FindByName(const std::vector<CatalogueEntry>& entries,
                                 std::string_view name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const CatalogueEntry& each) { return each.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

log::NewRecord CreationOf(const CatalogueEntry& entry) {
  log::NewRecord record = Make(kCreate, entry.id, kNamePosition);
  PutInteger(record.value.data() + kCreatedPosition, entry.created.milliseconds);
  record.value.append(entry.name);
  return record;
}

log::NewRecord SettingsOf(const log::LogId& id, const log::Retention& retention) {
  log::NewRecord record = Make(kSettings, id, kSettingsBytes);
  const std::int64_t max_age = retention.max_age ? retention.max_age->count() : 0;
  PutInteger(record.value.data() + kMaxAgePosition, max_age);
  PutInteger(record.value.data() + kMaxBytesPosition, retention.max_bytes.value_or(0));
  return record;
}

log::NewRecord DeletionOf(const log::LogId& id) { return Make(kDelete, id, kIdBytes); }

log::NewRecord PutOf(const log::LogId& id, const log::Cursor& cursor) {
  log::NewRecord record = Make(kCursor, id, kCursorNamePosition);
  PutInteger(record.value.data() + kOffsetPosition, cursor.offset.value);
  PutInteger(record.value.data() + kRevisionPosition, cursor.revision);
  record.value.append(cursor.name);
  return record;
}

log::NewRecord CursorDeletionOf(const log::LogId& id, std::string_view name) {
  log::NewRecord record = Make(kCursorDelete, id, kIdBytes);
  record.value.append(name);
  return record;
}

std::vector<CatalogueEntry> CatalogueState::entries() const {
  std::vector<CatalogueEntry> entries;
  entries.reserve(logs_.size());
  for (const auto& [id, log] : logs_) entries.push_back(log.entry);
  std::sort(entries.begin(), entries.end(),
            [](const CatalogueEntry& a, const CatalogueEntry& b) { return a.name < b.name; });
  return entries;
}

const log::CursorTable* CatalogueState::CursorsOf(const log::LogId& id) const {
  const auto found = logs_.find(id);
  return found == logs_.end() ? nullptr : &found->second.cursors;
}

void CatalogueState::Add(const CatalogueEntry& entry) {
  logs_.try_emplace(entry.id, Logged{entry, {}});
}

Status CatalogueState::Apply(const log::RecordView& record) {
  const std::string_view value = record.value;
  if (value.size() < kIdBytes) return Unknown(record);
  const log::LogId id = IdOf(value);
  if (record.key == kCreate && value.size() > kNamePosition) {
    const Timestamp created(GetInteger<std::int64_t>(value.data() + kCreatedPosition));
    Add({id, std::string(value.substr(kNamePosition)), created, {}});
    return {};
  }
  if (record.key == kDelete && value.size() == kIdBytes) {
    logs_.erase(id);
    deleted_.insert(id);
    return {};
  }
  const bool known = (record.key == kSettings && value.size() == kSettingsBytes) ||
                     (record.key == kCursor && value.size() > kCursorNamePosition) ||
                     (record.key == kCursorDelete && value.size() > kIdBytes);
  if (!known) return Unknown(record);
  const auto log = logs_.find(id);
  if (log == logs_.end()) {
    return {StatusCode::kNotFound,
            "record " + std::to_string(record.offset.value) + " is about a log that there is not"};
  }
  ApplyTo(log->second, record);
  return {};
}

void CatalogueState::ApplyTo(Logged& log, const log::RecordView& record) {
  const std::string_view value = record.value;
  if (record.key == kSettings) {
    log.entry.retention = RetentionOf(value);
  } else if (record.key == kCursorDelete) {
    const std::string_view name = value.substr(kIdBytes);
    if (log.cursors.Find(name) != nullptr) log.cursors.Remove(name);
  } else {
    const auto revision = GetInteger<std::uint64_t>(value.data() + kRevisionPosition);
    log.cursors.Put({std::string(value.substr(kCursorNamePosition)),
                     Offset(GetInteger<std::uint64_t>(value.data() + kOffsetPosition)),
                     revision == 0 ? record.offset.value : revision});
  }
}

log::Batch CatalogueState::Snapshot() const {
  log::Batch batch;
  for (const auto& [id, log] : logs_) {
    batch.push_back(CreationOf(log.entry));
    if (!log.entry.retention.keeps_all()) batch.push_back(SettingsOf(id, log.entry.retention));
    for (const log::Cursor& cursor : log.cursors.All()) batch.push_back(PutOf(id, cursor));
  }
  for (const log::LogId& id : deleted_) batch.push_back(DeletionOf(id));
  return batch;
}

}  // namespace daybook::disk
