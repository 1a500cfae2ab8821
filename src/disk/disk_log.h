// DiskLog is a log in a folder of segments: what it has answered with success is on the disk,
// synced.
//
// Appends are encoded on the caller's thread and made durable by a Committer, a group at a time,
// which also says on which thread they are answered. Reads run on the caller's, from the files, and
// never wait for an append. Trims and what retention takes are the housekeeper's. Until Open() has
// returned OK everything is answered kUnavailable. After a failed write or sync ("poison") nothing
// is acknowledged again: what was under way is answered kUnknownOutcome, and the host is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "disk/committer.h"
#include "disk/disk_log_options.h"
#include "disk/log_appender.h"
#include "disk/log_keeper.h"
#include "disk/recovery.h"
#include "disk/segment_set.h"
#include "log/log.h"

namespace daybook::disk {

// What a log needs of the store that it is in.
class LogHost {
 public:
  virtual ~LogHost() = default;
  // The log can be served no longer; the process is to end. Called once, on any thread.
  virtual void OnFailure(const Status& status) = 0;
  // Runs the task on the housekeeper's thread. False, and the task is as it was: no longer.
  virtual bool Post(UniqueFunction<void()>& task) = 0;
  // On the housekeeper's thread: makes the log's settings durable.
  virtual Status SaveRetention(const log::LogId& id, const log::Retention& retention) = 0;
  // On the housekeeper's thread: removes files, of which there need not be all. kUnavailable: it
  // cannot be now.
  virtual Status RemoveFiles(const std::vector<std::string>& paths) = 0;
};

class DiskLog : public log::Log, private LogAppender::Target, private LogKeeper::Target {
 public:
  // `files`, `clock` and `host` must outlive the log.
  DiskLog(FileSystem& files, const Clock& clock, DiskLogOptions options, LogHost& host);
  ~DiskLog() override { Close(); }

  // Recovers the log in `folder` and serves it from then on. Once, from any thread.
  Status Open(const std::string& folder, Timestamp created, const log::Retention& retention);

  // Commits and answers what was appended before, leaves a mark, so that the next start has little
  // to look at, and takes no further append. After Open() has returned.
  void Close();

  using Log::Append;
  void Append(log::Batch batch, log::AppendOptions options, log::AppendDone done) override;
  void Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) override;
  void Info(log::InfoDone done) override;
  void Trim(Offset before, log::InfoDone done) override;
  void Configure(const log::RetentionChange& change, log::InfoDone done) override;

  // Takes what retention does not keep, and gives back the space of what is gone for readers. On
  // the housekeeper's thread.
  void Keep();

  // Those that are not appended to any more.
  std::vector<LogSegment> SealedSegments() const;

  log::Check Check() const;
  log::Activity activity() const;
  RecoveryReport recovery() const;
  log::CommitStats commit_stats() const;

 private:
  enum class State : std::uint8_t { kRecovering, kServing, kFailed, kClosed };

  Status Unavailable() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnHousekeeper(UniqueFunction<Status()> step, log::InfoDone done);
  Status Opened() const;
  Status Serving() const override;
  Status EndActive() override;
  std::uint64_t segment_bytes_max() const override { return keeper_->segment_bytes_max(); }
  void OnSegment() override;
  void Tell(const Status& failure) override;
  Status RemoveFiles(const std::vector<std::string>& paths) override {
    return host_.RemoveFiles(paths);
  }
  Status SetRetention(const log::RetentionChange& change);

  FileSystem& files_;
  const Clock& clock_;
  const DiskLogOptions options_;
  LogHost& host_;

  std::string folder_;  // these are set by Open()
  log::LogId id_;
  Timestamp created_;

  RecoveryProgress progress_;
  SegmentSet segments_;
  std::unique_ptr<LogKeeper> keeper_;      // from Open() on
  std::unique_ptr<LogAppender> appender_;  // likewise; called under the committer

  mutable Mutex mutex_;
  State state_ GUARDED_BY(mutex_) = State::kRecovering;
  std::string reason_ GUARDED_BY(mutex_);  // of kFailed
  std::uint64_t read_records_ GUARDED_BY(mutex_) = 0;
  std::uint64_t read_bytes_ GUARDED_BY(mutex_) = 0;
  RecoveryReport recovery_ GUARDED_BY(mutex_);

  std::unique_ptr<Committer> committer_;  // last made, first ended
};

}  // namespace daybook::disk
