#include "jetstream/catalogue.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "jetstream/json_object.h"

namespace daybook::jetstream {
namespace {

using rapidjson::Document;

std::string OffsetText(Offset offset) {
  std::string text;
  AppendJsonMember(text, "offset", offset.value);
  return "{" + text.substr(1) + "}";
}

std::optional<Offset> OffsetIn(std::string_view text) {
  Document document;
  document.Parse(text.data(), text.size());
  if (document.HasParseError()) return std::nullopt;
  const auto number = JsonObject(document).OptionalNumber("offset");
  return number ? std::optional(Offset(*number)) : std::nullopt;
}

Status Damaged(std::string_view key) {
  return {StatusCode::kDamaged,
          "the catalogue has no entry of daybook's under " + std::string(key)};
}

}  // namespace

std::string LogEntry::ToText() const {
  std::string text;
  AppendJsonMember(text, "id", std::string_view(id.ToString()));
  AppendJsonMember(text, "created_ms", static_cast<std::uint64_t>(created.milliseconds));
  AppendJsonMember(text, "first_offset", first_offset.value);
  if (retention.max_age) {
    AppendJsonMember(text, "max_age_ms", static_cast<std::uint64_t>(retention.max_age->count()));
  }
  if (retention.max_bytes) AppendJsonMember(text, "max_bytes", *retention.max_bytes);
  return "{" + text.substr(1) + "}";
}

std::optional<LogEntry> LogEntry::Parse(std::string_view text, std::uint64_t revision) {
  Document document;
  document.Parse(text.data(), text.size());
  if (document.HasParseError()) return std::nullopt;
  const JsonObject members(document);
  const auto parsed = log::LogId::Parse(members.Text("id"));
  const auto created = members.OptionalNumber("created_ms");
  const auto first_offset = members.OptionalNumber("first_offset");
  if (!parsed || !created || !first_offset) return std::nullopt;
  LogEntry entry{
      *parsed, Timestamp(static_cast<std::int64_t>(*created)), Offset(*first_offset), {}, revision};
  if (const auto age = members.OptionalNumber("max_age_ms"))
    entry.retention.max_age = std::chrono::milliseconds(*age);
  entry.retention.max_bytes = members.OptionalNumber("max_bytes");
  return entry;
}

Result<Named> Catalogue::Find(std::string_view name) {
  const std::string key = names_.LogKey(name);
  const Result<Value> value = values_.Get(key);
  if (!value.ok()) return value.status();
  if (!value->text) return Named{std::nullopt, value->revision};
  std::optional<LogEntry> entry = LogEntry::Parse(*value->text, value->revision);
  if (!entry) return Damaged(key);
  return Named{entry, value->revision};
}

Result<std::uint64_t> Catalogue::Put(std::string_view name, const LogEntry& entry,
                                     std::uint64_t revision) {
  return values_.Put(names_.LogKey(name), entry.ToText(), revision);
}

Status Catalogue::Remove(std::string_view name, std::uint64_t revision) {
  return values_.Delete(names_.LogKey(name), revision).status();
}

Result<std::vector<std::string>> Catalogue::LogNames() {
  const Result<std::vector<std::string>> keys = values_.Keys(names_.LogKeys());
  if (!keys.ok()) return keys.status();
  std::vector<std::string> names;
  for (const std::string& key : *keys)
    if (auto name = Names::NameIn(key)) names.push_back(*std::move(name));
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::map<std::string, LogEntry>> Catalogue::FindAll(const std::vector<std::string>& names) {
  std::vector<std::string> keys;
  keys.reserve(names.size());
  for (const std::string& name : names) keys.push_back(names_.LogKey(name));
  const auto values = values_.GetAll(keys);
  if (!values.ok()) return values.status();
  std::map<std::string, LogEntry> entries;
  for (const auto& [key, value] : *values) {
    const auto name = Names::NameIn(key);
    const auto entry = LogEntry::Parse(value.text.value_or(""), value.revision);
    if (!name || !entry) return Damaged(key);
    entries.emplace(*name, *entry);
  }
  return entries;
}

Result<Catalogue::NamedCursor> Catalogue::FindCursor(const log::LogId& log, std::string_view name) {
  const std::string key = names_.CursorKey(log, name);
  const Result<Value> value = values_.Get(key);
  if (!value.ok()) return value.status();
  if (!value->text) return NamedCursor{std::nullopt, value->revision};
  const auto offset = OffsetIn(*value->text);
  if (!offset) return Damaged(key);
  return NamedCursor{log::Cursor{std::string(name), *offset, value->revision}, value->revision};
}

Result<std::vector<log::Cursor>> Catalogue::Cursors(const log::LogId& log) {
  const Result<std::vector<std::string>> keys = values_.Keys(names_.CursorKeys(log));
  if (!keys.ok()) return keys.status();
  const auto values = values_.GetAll(*keys);
  if (!values.ok()) return values.status();
  std::vector<log::Cursor> cursors;
  for (const auto& [key, value] : *values) {
    const auto name = Names::NameIn(key);
    const auto offset = OffsetIn(value.text.value_or(""));
    if (!name || !offset) return Damaged(key);
    cursors.push_back({*name, *offset, value.revision});
  }
  std::sort(cursors.begin(), cursors.end(),
            [](const log::Cursor& a, const log::Cursor& b) { return a.name < b.name; });
  return cursors;
}

Result<std::uint64_t> Catalogue::PutCursor(const log::LogId& log, std::string_view name,
                                           Offset offset, std::uint64_t revision) {
  return values_.Put(names_.CursorKey(log, name), OffsetText(offset), revision);
}

Status Catalogue::RemoveCursor(const log::LogId& log, std::string_view name,
                               std::uint64_t revision) {
  return values_.Delete(names_.CursorKey(log, name), revision).status();
}

}  // namespace daybook::jetstream
