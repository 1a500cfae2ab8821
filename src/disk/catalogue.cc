#include "disk/catalogue.h"

#include <algorithm>
#include <future>

#include "log/cursor_table.h"

namespace daybook::disk {
namespace {

constexpr std::uint64_t kSegmentBytesMax = 1 << 20;

Status Deleted() { return {StatusCode::kLogDeleted, "the log was deleted"}; }

}  // namespace

// On a full disk too it can be written, for that may be what makes room.
Catalogue::Catalogue(LogHost& host, const LogAppender::Shared& of_logs,
                     const DiskLogOptions& of_logs_options)
    : host_(host),
      shared_{of_logs.files, of_logs.clock, of_logs.failure, counters_, of_logs.readers, nullptr},
      limits_(of_logs_options.limits),
      options_(Options(of_logs_options.segment_bytes_max)) {}

DiskLogOptions Catalogue::Options(std::uint64_t segment_bytes_max) {
  DiskLogOptions options;
  options.idempotency.keys_max = 0;
  options.segment_bytes_max = std::min(segment_bytes_max, kSegmentBytesMax);
  options.snapshot = [this] {
    const MutexLock lock(mutex_);
    return state_.Snapshot();
  };
  return options;
}

Status Catalogue::Open(const std::string& folder, const RecoveryOptions& recovery) {
  Result<std::shared_ptr<StoredLog>> log =
      StoredLog::Open(host_, shared_, options_, folder, recovery);
  if (!log.ok()) return log.status();
  log_ = std::move(*log);
  const Result<log::Page> page = log_->Read(log_->extent().first_offset, {UINT64_MAX, UINT64_MAX});
  if (!page.ok()) return page.status();
  const MutexLock lock(mutex_);
  for (const log::RecordView& record : page->records) {
    if (Status status = state_.Apply(record); !status.ok())
      return {StatusCode::kDamaged, folder + ": " + status.message()};
  }
  return {};
}

void Catalogue::Close() {
  if (log_ != nullptr) log_->Close();
}

std::vector<CatalogueEntry> Catalogue::entries() const {
  const MutexLock lock(mutex_);
  return state_.entries();
}

std::vector<log::LogId> Catalogue::deleted() const {
  const MutexLock lock(mutex_);
  return state_.deleted();
}

void Catalogue::Append(const log::Batch& batch, Admit admit, log::AppendDone done) {
  log_->Append(
      batch, {}, std::move(admit),
      [this, records = batch, done = std::move(done)](Result<log::Appended> appended) mutable {
        if (appended.ok()) {
          // Before anything later can begin a segment.
          const MutexLock lock(mutex_);
          Offset offset = appended->first_offset;
          for (const log::NewRecord& record : records) {
            (void)state_.Apply({offset, appended->timestamp, record.key, {}, record.value});
            offset = offset + 1;
          }
        }
        done(std::move(appended));
      });
}

Status Catalogue::Write(const log::Batch& batch, const Admit& admit) {
  std::promise<Status> written;
  Append(batch, admit,
         [&](const Result<log::Appended>& appended) { written.set_value(appended.status()); });
  return written.get_future().get();
}

Status Catalogue::Create(const CatalogueEntry& entry) {
  log::Batch batch{CreationOf(entry)};
  if (!entry.retention.keeps_all()) batch.push_back(SettingsOf(entry.id, entry.retention));
  return Write(batch);
}

Status Catalogue::Delete(const log::LogId& id) {
  // Nothing about the log may come behind.
  return Write({DeletionOf(id)}, [this, id](Offset) {
    const MutexLock lock(mutex_);
    deleting_.insert(id);
    return Status();
  });
}

Status Catalogue::SetRetention(const log::LogId& id, const log::Retention& retention) {
  return Write({SettingsOf(id, retention)});
}

void Catalogue::Forget(const log::LogId& id) {
  const MutexLock lock(mutex_);
  state_.Forget(id);
  deleting_.erase(id);
}

// --- cursors

Result<log::Cursor> Catalogue::FindCursor(const log::LogId& id, std::string_view name) const {
  const MutexLock lock(mutex_);
  const log::CursorTable* const cursors = state_.CursorsOf(id);
  if (cursors == nullptr) return Deleted();
  return cursors->Get(name);
}

Result<std::vector<log::Cursor>> Catalogue::Cursors(const log::LogId& id) const {
  const MutexLock lock(mutex_);
  const log::CursorTable* const cursors = state_.CursorsOf(id);
  if (cursors == nullptr) return Deleted();
  return cursors->All();
}

// As the cursor will be when what is under way has come to its end; null: there will be none.
Result<const log::Cursor*> Catalogue::Newest(const CursorKey& key) const {
  const auto& [id, name] = key;
  const log::CursorTable* const cursors = state_.CursorsOf(id);
  if (cursors == nullptr || deleting_.count(id) > 0) return Deleted();
  const auto change = under_way_.find(key);
  if (change == under_way_.end()) return cursors->Find(name);
  return change->second.cursor ? &*change->second.cursor : nullptr;
}

std::size_t Catalogue::CursorsWithThoseUnderWay(const log::LogId& id) const {
  const log::CursorTable& cursors = *state_.CursorsOf(id);
  std::size_t count = cursors.size();
  for (auto change = under_way_.lower_bound({id, ""});
       change != under_way_.end() && change->first.first == id; ++change) {
    const bool is_new = cursors.Find(change->first.second) == nullptr;
    if (is_new && change->second.cursor) ++count;
  }
  return count;
}

void Catalogue::End(const CursorKey& key, Offset record) {
  const MutexLock lock(mutex_);
  const auto change = under_way_.find(key);
  if (change != under_way_.end() && change->second.record == record) under_way_.erase(change);
}

void Catalogue::PutCursor(const log::LogId& id, log::Cursor cursor, Offset next_offset,
                          const log::CursorCondition& condition, log::CursorPutDone done) {
  const auto put = std::make_shared<log::CursorPut>();
  put->cursor = std::move(cursor);
  const CursorKey key(id, put->cursor.name);
  log::NewRecord record = PutOf(id, put->cursor);
  Append(
      {std::move(record)},
      [this, key, put, next_offset, condition](Offset offset) -> Status {
        const MutexLock lock(mutex_);
        const Result<const log::Cursor*> newest = Newest(key);
        if (!newest.ok()) return newest.status();
        if (Status status = log::CheckCursorPut(*newest, condition, put->cursor.offset, next_offset,
                                                CursorsWithThoseUnderWay(key.first), limits_);
            !status.ok()) {
          return status;
        }
        put->made = *newest == nullptr;
        put->cursor.revision = offset.value;
        under_way_[key] = {put->cursor, offset};
        return {};
      },
      [this, key, put, done = std::move(done)](const Result<log::Appended>& appended) mutable {
        if (!appended.ok()) return done(appended.status());
        End(key, appended->first_offset);
        done(*put);
      });
}

void Catalogue::DeleteCursor(const log::LogId& id, std::string name,
                             const log::CursorCondition& condition, log::DeleteDone done) {
  log::NewRecord record = CursorDeletionOf(id, name);
  const CursorKey key(id, std::move(name));
  Append(
      {std::move(record)},
      [this, key, condition](Offset offset) -> Status {
        const MutexLock lock(mutex_);
        const Result<const log::Cursor*> newest = Newest(key);
        if (!newest.ok()) return newest.status();
        if (Status status = log::CheckCursorDelete(*newest, condition, key.second); !status.ok())
          return status;
        under_way_[key] = {std::nullopt, offset};
        return {};
      },
      [this, key, done = std::move(done)](const Result<log::Appended>& appended) mutable {
        if (appended.ok()) End(key, appended->first_offset);
        done(appended.status());
      });
}

}  // namespace daybook::disk
