// Catalogue is the log that says which logs there are, how they are set, and what cursors they
// have. Each of its segments begins with all of that, so that there need only be one.
//
// Thread-safe once Open() has returned.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "disk/catalogue_state.h"
#include "disk/stored_log.h"
#include "log/log.h"

namespace daybook::disk {

class Catalogue {
 public:
  // `host` outlives the catalogue; the rest is as the logs have it.
  Catalogue(LogHost& host, const LogAppender::Shared& of_logs,
            const DiskLogOptions& of_logs_options);

  // Recovers it. kDamaged: a record is not understood.
  Status Open(const std::string& folder, const RecoveryOptions& recovery);
  const log::LogId& id() const { return log_->id(); }
  std::vector<CatalogueEntry> entries() const;
  std::vector<log::LogId> deleted() const;

  // These wait until what they say is durable; on the housekeeper's thread. kUnknownOutcome: it may
  // be so, or not.
  Status Create(const CatalogueEntry& entry);
  Status Delete(const log::LogId& id);
  Status SetRetention(const log::LogId& id, const log::Retention& retention);
  // There is no folder of a log that was deleted.
  void Forget(const log::LogId& id);

  // As those of log::Log, of which `id` is one; kLogDeleted where there is no such log.
  Result<log::Cursor> FindCursor(const log::LogId& id, std::string_view name) const;
  Result<std::vector<log::Cursor>> Cursors(const log::LogId& id) const;
  // `next_offset`: of the log.
  void PutCursor(const log::LogId& id, log::Cursor cursor, Offset next_offset,
                 const log::CursorCondition& condition, log::CursorPutDone done);
  void DeleteCursor(const log::LogId& id, std::string name, const log::CursorCondition& condition,
                    log::DeleteDone done);

  void Keep() { log_->Keep(); }
  // When the committer was stopped.
  void Close();

 private:
  using CursorKey = std::pair<log::LogId, std::string>;
  using Admit = std::function<Status(Offset)>;

  // What a record on its way to the disk makes of a cursor; none: it is deleted.
  struct Change {
    std::optional<log::Cursor> cursor;
    Offset record;
  };

  DiskLogOptions Options(std::uint64_t segment_bytes_max);
  Status Write(const log::Batch& batch, const Admit& admit = nullptr);
  // `done` is called when what the batch says can be seen.
  void Append(const log::Batch& batch, Admit admit, log::AppendDone done);
  Result<const log::Cursor*> Newest(const CursorKey& key) const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::size_t CursorsWithThoseUnderWay(const log::LogId& id) const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(const CursorKey& key, Offset record);

  LogHost& host_;
  CommitCounters counters_;  // which nobody asks for
  const LogAppender::Shared shared_;
  const log::StoreLimits limits_;
  const DiskLogOptions options_;
  std::shared_ptr<StoredLog> log_;

  mutable Mutex mutex_;
  CatalogueState state_ GUARDED_BY(mutex_);                   // that is durable
  std::map<CursorKey, Change> under_way_ GUARDED_BY(mutex_);  // that conditions are about
  std::set<log::LogId> deleting_ GUARDED_BY(mutex_);
};

}  // namespace daybook::disk
