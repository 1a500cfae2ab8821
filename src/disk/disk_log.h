// DiskLog is a named log of the engine `disk`: a StoredLog, and what the catalogue says of it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "disk/catalogue.h"
#include "disk/stored_log.h"
#include "log/log.h"

namespace daybook::disk {

// What was read of a store's logs.
struct ReadCounters {
  std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> bytes{0};
};

class DiskLog : public log::Log, public std::enable_shared_from_this<DiskLog> {
 public:
  // All of it outlives the log.
  struct Parts {
    LogHost& host;
    const DiskLogOptions& options;
    Catalogue& catalogue;
    ReadCounters& reads;
  };

  // Of the log that `entry` names, as it was stored.
  DiskLog(const Parts& parts, const CatalogueEntry& entry, std::shared_ptr<StoredLog> stored);

  const std::string& name() const override { return name_; }
  const log::LogId& id() const override { return stored_->id(); }

  using Log::Append;
  void Append(log::Batch batch, log::AppendOptions options, log::AppendDone done) override;
  void Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) override;
  void Info(log::InfoDone done) override;
  log::WatchList& watches() override { return stored_->watches(); }
  void Trim(Offset before, log::InfoDone done) override;
  void Configure(const log::RetentionChange& change, log::InfoDone done) override;
  void GetCursor(std::string_view name, log::CursorDone done) override;
  void Cursors(log::CursorsDone done) override;
  void PutCursor(std::string name, Offset offset, const log::CursorCondition& condition,
                 log::CursorPutDone done) override;
  void DeleteCursor(std::string_view name, const log::CursorCondition& condition,
                    log::DeleteDone done) override;

  // On the housekeeper's thread: everything is answered kLogDeleted from then on.
  void SetDeleted();
  bool deleted() const { return deleted_; }

  StoredLog& stored() const { return *stored_; }

 private:
  // OK while the log is there.
  Status Exists() const { return deleted_ ? log::LogDeleted(name_) : Status(); }
  void OnHousekeeper(UniqueFunction<Status()> step, log::InfoDone done);
  Status SetRetention(const log::RetentionChange& change);

  const Parts parts_;
  const std::string name_;
  const Timestamp created_;
  const std::shared_ptr<StoredLog> stored_;
  std::atomic<bool> deleted_{false};
};

}  // namespace daybook::disk
