// The engine `disk`: the logs in a data folder.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "disk/catalogue.h"
#include "disk/data_folder.h"
#include "disk/disk_log.h"
#include "disk/housekeeper.h"
#include "disk/journal.h"
#include "disk/journal_replay.h"
#include "disk/scrubber.h"
#include "log/log.h"

namespace daybook::disk {

class DiskLogStore : public log::LogStore, private LogHost {
 public:
  // Locks the folder and returns; recovery goes on in a thread of the store's, and until it has
  // come to its end everything is answered kUnavailable. kUnavailable: another process has the
  // folder. kIo: it cannot be made or opened. `on_failure` is called, on any thread, when the logs
  // can be served no longer, or not at all; the process is to end then.
  static Result<std::unique_ptr<DiskLogStore>> Open(FileSystem& files, const Clock& clock,
                                                    const std::string& folder,
                                                    const DiskLogOptions& options,
                                                    std::function<void(const Status&)> on_failure);
  // Finishes what was appended.
  ~DiskLogStore() override;

  // Returns when the logs are served or have failed.
  void AwaitRecovery();
  // Returns when what retention does not keep now is gone.
  void AwaitHousekeeping();
  // Verifies what is on the disk once.
  void Scrub() { scrubber_.Pass(); }

  const char* engine() const override { return "disk"; }
  log::Durability durability() const override { return log::Durability::kFsync; }
  void Find(std::string_view name, log::FindDone done) override;
  void Create(std::string_view name, const log::Retention& retention,
              log::CreateDone done) override;
  void Delete(std::shared_ptr<log::Log> log, log::DeleteDone done) override;
  void List(std::string_view prefix, std::string_view after, std::size_t logs_max,
            log::ListDone done) override;
  std::vector<log::Check> Checks() const override;
  log::Activity activity() const override;
  std::optional<log::CommitStats> commit_stats() const override;
  void Close() override;

 private:
  enum class State : std::uint8_t { kRecovering, kServing, kClosed };
  using Logs = std::map<std::string, std::shared_ptr<DiskLog>, std::less<>>;

  DiskLogStore(FileSystem& files, const Clock& clock, std::unique_ptr<DataFolder> folder,
               const DiskLogOptions& options, std::function<void(const Status&)> on_failure);

  LogAppender::Shared Shared() { return {files_, clock_, failure_, counters_, readers_, &space_}; }
  // Answers kUnavailable until the logs are served.
  Status Serving() const;
  std::vector<std::shared_ptr<DiskLog>> logs() const;
  std::shared_ptr<DiskLog> FindLog(std::string_view name) const;

  RecoveryOptions HowToRecover() { return {&progress_, &readers_, folder_->was_clean()}; }
  Status Recover();
  Result<ReplayReport> Replay();
  Status OpenLogs();
  Result<std::vector<RecoveredLog>> RecoverLogs(const std::vector<CatalogueEntry>& entries);
  Status RemoveDeleted();
  std::shared_ptr<DiskLog> MakeLog(const CatalogueEntry& entry, std::shared_ptr<StoredLog> stored);
  void TellOfRecovery(const ReplayReport& replayed) const EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // On the housekeeper's thread.
  void OnHousekeeper(UniqueFunction<void(const Status&)> task);
  Status HasRoomForLog() const;
  Result<log::Created> CreateNow(const std::string& name, const log::Retention& retention);
  bool HasAsManyLogsAsMayBe() const;
  Status DeleteNow(DiskLog& log);
  void RemoveDeletedOrFail();
  void Keep();

  std::vector<LogSegment> SealedSegments() const;

  bool Post(UniqueFunction<void()>& task) override { return housekeeper_.Post(task); }
  Status RemoveFiles(const std::vector<std::string>& paths) override;
  Committer& committer() override { return committer_; }
  GroupCommit& group_commit() override { return group_commit_; }

  FileSystem& files_;
  const Clock& clock_;
  const std::unique_ptr<DataFolder> folder_;
  const DiskLogOptions options_;
  FailureLatch failure_;
  CommitCounters counters_;
  FreeSpace space_;
  ReadCounters reads_;
  RecoveryProgress progress_;
  FileCache readers_;
  Journal journal_;
  GroupCommit group_commit_;
  Committer committer_;
  Catalogue catalogue_;

  mutable Mutex mutex_;
  State state_ GUARDED_BY(mutex_) = State::kRecovering;
  Logs logs_ GUARDED_BY(mutex_);
  RecoveryReport recovery_ GUARDED_BY(mutex_);

  Housekeeper housekeeper_;
  Scrubber scrubber_;
  std::thread recovery_thread_;
};

}  // namespace daybook::disk
