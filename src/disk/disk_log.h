// DiskLog is a log in a folder of segments: what it has answered with success is on the disk,
// synced.
//
// Appends are encoded on the caller's thread and made durable by a Committer, a group at a time,
// which also says on which thread they are answered. Reads run on the caller's, from the files, and
// never wait for an append. Until Open() has returned OK everything is answered kUnavailable. After
// a failed write or sync ("poison") nothing is acknowledged again: what was under way is answered
// kUnknownOutcome, and `on_failure` is called, once, on any thread; the process is to end then.
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
#include "disk/recovery.h"
#include "disk/segment_writer.h"
#include "log/log.h"

namespace daybook::disk {

struct DiskLogOptions {
  std::uint64_t segment_bytes_max = 128 << 20;  // a segment is larger only for a frame that is
  std::uint64_t reserve_bytes = 0;              // of the disk that stay free
  Committer::Limits queue;
  std::chrono::milliseconds hangs_after{5'000};  // when a group under way makes Check() degraded
};

class DiskLog : public log::Log, private CommitTarget {
 public:
  // `files` and `clock` must outlive the log.
  DiskLog(FileSystem& files, const Clock& clock, const DiskLogOptions& options,
          std::function<void(const Status&)> on_failure);
  ~DiskLog() override { Close(); }

  // Recovers the log in `folder` and serves it from then on. Once, from any thread.
  Status Open(const std::string& folder);

  // Commits and answers what was appended before, leaves a mark, so that the next start has little
  // to look at, and takes no further append. After Open() has returned.
  void Close();

  void Append(log::Batch batch, log::AppendDone done) override;
  void Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) override;
  void Info(log::InfoDone done) override;

  log::Check Check() const;
  log::Activity activity() const;
  RecoveryReport recovery() const;
  log::CommitStats commit_stats() const;

 private:
  struct Staged;
  enum class State : std::uint8_t { kRecovering, kServing, kFailed, kClosed };

  void Commit(std::vector<PendingAppend>& group) override;
  void OnIdle() override;

  Status Unavailable() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AskForFreeBytes();
  void NoteFullness(std::uint64_t refused_bytes);
  bool IsFull() const;
  Status MakeRoom(std::uint64_t bytes, std::vector<Staged>& staged);
  Status Roll();
  Status AddSegment(std::unique_ptr<SegmentWriter> writer);
  Status Flush(std::vector<Staged>& staged);
  Status Sync();
  void CountGroup(const std::vector<Staged>& staged);
  void Publish(const std::vector<Staged>& staged);
  void Fail(const Status& status);
  void KeepIndex(const Segment& segment, std::uint64_t end);
  Result<log::Page> ReadPage(Offset from, const log::ReadLimits& limits);

  FileSystem& files_;
  const Clock& clock_;
  const DiskLogOptions options_;
  const std::function<void(const Status&)> on_failure_;

  std::string folder_;  // these two are set by Open()
  log::LogId id_;

  // Under the committer, after Open().
  std::unique_ptr<SegmentWriter> writer_;  // null while a sealed segment is the last
  Offset staged_offset_;                   // that the next append gets
  Timestamp last_timestamp_;
  Status failure_;
  Result<std::uint64_t> free_bytes_ = 0;  // that the group may still use; where some are reserved

  RecoveryProgress progress_;
  std::atomic<std::uint64_t> free_bytes_wanted_{0};  // by the largest append refused; 0: none was

  // Counted under the committer.
  std::array<Counter, log::CommitStats::kGroupBounds.size() + 1> groups_;
  Counter grouped_appends_;
  DurationHistogram<Counter> syncs_;
  DurationHistogram<Counter> appends_;

  mutable Mutex mutex_;
  State state_ GUARDED_BY(mutex_) = State::kRecovering;
  std::string reason_ GUARDED_BY(mutex_);  // of kFailed
  Offset first_offset_ GUARDED_BY(mutex_);
  std::vector<RecoveredSegment> segments_ GUARDED_BY(mutex_);
  log::Activity activity_ GUARDED_BY(mutex_);
  RecoveryReport recovery_ GUARDED_BY(mutex_);

  std::unique_ptr<Committer> committer_;  // last made, first ended
};

}  // namespace daybook::disk
