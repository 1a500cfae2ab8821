#include "disk/catalogue_state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "disk/little_endian.h"

namespace daybook::disk {
namespace {

// The key of a record that makes a log: its value is an id, a time and a name;
constexpr std::string_view kCreate = "create";
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kCreatedPosition = 16;
constexpr std::size_t kNamePosition = 24;
// of one that sets it: an id, and numbers of which 0 means that there is no bound.
constexpr std::string_view kSettings = "settings";
constexpr std::size_t kMaxAgePosition = 16;
constexpr std::size_t kMaxBytesPosition = 24;
constexpr std::size_t kSettingsBytes = 32;

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

CatalogueEntry* CatalogueState::Find(const log::LogId& id) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const CatalogueEntry& each) { return each.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

void CatalogueState::Add(const CatalogueEntry& entry) {
  if (Find(entry.id) == nullptr) entries_.push_back(entry);
}

Status CatalogueState::Apply(const log::RecordView& record) {
  if (record.value.size() < kIdBytes) return Unknown(record);
  const log::LogId id = IdOf(record.value);
  CatalogueEntry* const entry = Find(id);
  if (record.key == kCreate && record.value.size() > kNamePosition) {
    if (entry != nullptr) return {};
    const Timestamp created(GetInteger<std::int64_t>(record.value.data() + kCreatedPosition));
    entries_.push_back({id, std::string(record.value.substr(kNamePosition)), created, {}});
    return {};
  }
  if (record.key != kSettings || record.value.size() != kSettingsBytes) return Unknown(record);
  if (entry == nullptr) {
    return {StatusCode::kNotFound,
            "record " + std::to_string(record.offset.value) + " is about a log that there is not"};
  }
  entry->retention = RetentionOf(record.value);
  return {};
}

log::Batch CatalogueState::Snapshot() const {
  log::Batch batch;
  for (const CatalogueEntry& entry : entries_) {
    batch.push_back(CreationOf(entry));
    if (!entry.retention.keeps_all()) batch.push_back(SettingsOf(entry.id, entry.retention));
  }
  return batch;
}

}  // namespace daybook::disk
