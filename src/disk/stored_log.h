// StoredLog is a log in a folder of segments: what it has answered with success is on the disk,
// synced.
//
// Appends are encoded on the caller's thread and made durable by the store's Committer, a group at
// a time, which also says on which thread they are answered. Reads run on the caller's, from the
// files, and never wait for an append. Trims and what retention takes are the housekeeper's.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "disk/committer.h"
#include "disk/disk_log_options.h"
#include "disk/group_commit.h"
#include "disk/log_appender.h"
#include "disk/log_keeper.h"
#include "disk/recovery.h"
#include "disk/segment_set.h"
#include "log/log.h"

namespace daybook::disk {

// What a log needs of the store that it is in, and that outlives it.
class LogHost {
 public:
  virtual ~LogHost() = default;
  // Runs the task on the housekeeper's thread. False, and the task is as it was: no longer.
  virtual bool Post(UniqueFunction<void()>& task) = 0;
  // On the housekeeper's thread: removes files, of which there need not be all. kUnavailable: it
  // cannot be now.
  virtual Status RemoveFiles(const std::vector<std::string>& paths) = 0;

  virtual Committer& committer() = 0;
  virtual GroupCommit& group_commit() = 0;
};

class StoredLog : public std::enable_shared_from_this<StoredLog>,
                  private LogAppender::Target,
                  private LogKeeper::Target {
 public:
  // Recovers the log in `folder`, and serves it. `options` outlive it.
  static Result<std::shared_ptr<StoredLog>> Open(LogHost& host, const LogAppender::Shared& shared,
                                                 const DiskLogOptions& options,
                                                 const std::string& folder,
                                                 const RecoveryOptions& recovery);
  // Serves the log in `folder`, which was recovered, and all of it is durable.
  static Result<std::shared_ptr<StoredLog>> Serve(LogHost& host, const LogAppender::Shared& shared,
                                                  const DiskLogOptions& options,
                                                  const std::string& folder,
                                                  RecoveredLog recovered);

  const log::LogId& id() const { return id_; }
  const RecoveryReport& recovery() const { return recovery_; }

  // As log::Log::Append(); `admit` as in PendingAppend.
  void Append(const log::Batch& batch, log::AppendOptions options,
              std::function<Status(Offset)> admit, log::AppendDone done);
  Result<log::Page> Read(Offset from, const log::ReadLimits& limits) const;
  SegmentSet::Extent extent() const { return segments_.extent(); }
  log::WatchList& watches() { return watches_; }

  // These three on the housekeeper's thread.
  // As log::Log::Trim().
  Status TrimTo(Offset before) { return keeper_->TrimTo(before); }
  // Takes what retention does not keep, and gives back the space of what is gone for readers.
  void Keep() { keeper_->Keep(); }
  // Nothing is appended any more; what comes is answered `why`. Returns when nothing is under way.
  void Abandon(const Status& why);

  log::Retention retention() const { return keeper_->retention(); }
  void SetRetention(const log::Retention& retention) { keeper_->SetRetention(retention); }
  // Those that are not appended to any more.
  std::vector<LogSegment> SealedSegments() const;

  // Leaves little to the next start. When the committer was stopped.
  void Close() { appender_->Close(); }

 private:
  StoredLog(LogHost& host, const LogAppender::Shared& shared, const DiskLogOptions& options,
            const std::string& folder)
      : host_(host), shared_(shared), options_(options), folder_(folder) {}

  Status Start(RecoveredLog recovered);
  Status Serving() const override;
  Status EndActive() override;
  std::uint64_t segment_bytes_max() const override { return keeper_->segment_bytes_max(); }
  void OnSegment() override;
  void OnMoved() override { watches_.Tell(); }
  void Tell(const Status& failure) override { shared_.failure.Set(failure); }
  Status RemoveFiles(const std::vector<std::string>& paths) override {
    return host_.RemoveFiles(paths);
  }

  LogHost& host_;
  const LogAppender::Shared shared_;
  const DiskLogOptions& options_;
  const std::string folder_;
  log::LogId id_;  // these are set by Start()
  RecoveryReport recovery_;
  std::atomic<bool> abandoned_{false};
  log::WatchList watches_;

  SegmentSet segments_;
  std::unique_ptr<LogKeeper> keeper_;
  std::unique_ptr<LogAppender> appender_;  // called under the committer
};

}  // namespace daybook::disk
