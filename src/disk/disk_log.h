// DiskLog is a log in a folder of segments: what it has answered with success is on the disk,
// synced.
//
// Appends are encoded on the caller's thread and made durable by a Committer, a group at a time,
// which also says on which thread they are answered. Reads run on the caller's, from the files, and
// never wait for an append. Trims and what retention takes are the housekeeper's. Until Open() has
// returned OK everything is answered kUnavailable. After a failed write or sync ("poison") nothing
// is acknowledged again: what was under way is answered kUnknownOutcome, and the host is told.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "disk/committer.h"
#include "disk/log_keeper.h"
#include "disk/recovery.h"
#include "disk/segment_set.h"
#include "disk/segment_writer.h"
#include "log/log.h"

namespace daybook::disk {

struct DiskLogOptions {
  std::uint64_t segment_bytes_max = 128 << 20;  // a segment is larger only for a frame that is
  std::uint64_t reserve_bytes = 0;              // of the disk that stay free
  std::uint64_t scrub_bytes_per_second = 0;     // 0: what is on the disk is not verified
  log::IdempotencyLimits idempotency;
  Committer::Limits queue;
  std::chrono::milliseconds hangs_after{5'000};  // when a group under way makes Check() degraded
  // What a segment begins with, so that those before it can go; none: they stay. Called under the
  // committer.
  std::function<log::Batch()> snapshot;
};

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

class DiskLog : public log::Log, private CommitTarget, private LogKeeper::Target {
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
  struct Staged;
  enum class State : std::uint8_t { kRecovering, kServing, kFailed, kClosed };

  void Commit(std::vector<PendingAppend>& group) override;
  void OnIdle() override;

  Status RestoreKeys(const std::vector<LogSegment>& segments);
  Status SaveKeys();
  Status Unavailable() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AskForFreeBytes();
  void NoteFullness(std::uint64_t refused_bytes);
  bool IsFull() const;
  std::optional<Result<log::Appended>> Settle(const PendingAppend& append);
  void Stage(PendingAppend& append, std::vector<Staged>& staged);
  Result<log::Appended> WhenDurable(Result<log::Appended> replay) const;
  Status MakeRoom(std::uint64_t bytes, std::vector<Staged>& staged);
  Status Roll();
  Status AddSegment(std::unique_ptr<SegmentWriter> writer, Offset next_offset);
  Status Flush(std::vector<Staged>& staged);
  Status Sync();
  void CountGroup(const std::vector<Staged>& staged);
  void Publish(const std::vector<Staged>& staged);
  void Fail(const Status& status);
  void KeepIndex(const Segment& segment, std::uint64_t end);

  void OnHousekeeper(UniqueFunction<Status()> step, log::InfoDone done);
  Status Opened() const;
  Status Serving() const override;
  Status EndActive() override;
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

  // Under the committer, after Open().
  std::unique_ptr<SegmentWriter> writer_;  // null while a sealed segment is the last
  std::shared_ptr<Segment> last_segment_;
  Offset staged_offset_;  // that the next append gets
  log::IdempotencyWindow window_;
  Offset saved_offset_;  // up to which the file of the window tells
  Timestamp last_timestamp_;
  Status failure_;
  Result<std::uint64_t> free_bytes_ = 0;  // that the group may still use; where some are reserved

  RecoveryProgress progress_;
  SegmentSet segments_;
  std::unique_ptr<LogKeeper> keeper_;                // from Open() on
  std::atomic<std::uint64_t> free_bytes_wanted_{0};  // by the largest append refused; 0: none was

  // Counted under the committer.
  std::array<Counter, log::CommitStats::kGroupBounds.size() + 1> groups_;
  Counter grouped_appends_;
  DurationHistogram<Counter> syncs_;
  DurationHistogram<Counter> appends_;

  mutable Mutex mutex_;
  State state_ GUARDED_BY(mutex_) = State::kRecovering;
  std::string reason_ GUARDED_BY(mutex_);  // of kFailed
  log::Activity activity_ GUARDED_BY(mutex_);
  RecoveryReport recovery_ GUARDED_BY(mutex_);

  std::unique_ptr<Committer> committer_;  // last made, first ended
};

}  // namespace daybook::disk
