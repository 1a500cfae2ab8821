// LogAppender is the end of a log: it settles groups of appends, gives them their offsets, makes
// them durable and answers them.
//
// Everything of it runs under a Committer, one call at a time, but for IsFull() and what it counts,
// which any thread may ask. After a failed write or sync ("poison") nothing is acknowledged again:
// what was under way is answered kUnknownOutcome, what comes later kUnavailable.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/file_system.h"
#include "base/status.h"
#include "disk/committer.h"
#include "disk/disk_log_options.h"
#include "disk/free_space.h"
#include "disk/recovery.h"
#include "disk/segment_set.h"
#include "disk/segment_writer.h"
#include "log/idempotency.h"
#include "log/log.h"

namespace daybook::disk {

class LogAppender : public CommitTarget {
 public:
  // The log, as the appender needs it.
  class Target {
   public:
    virtual ~Target() = default;
    // How large a segment may become now.
    virtual std::uint64_t segment_bytes_max() const = 0;
    // Another segment was begun.
    virtual void OnSegment() = 0;
    // The log can be appended to no longer. Called once.
    virtual void Tell(const Status& failure) = 0;
  };

  // `segments`, of the log in `folder`, and the others outlive the appender.
  LogAppender(FileSystem& files, const Clock& clock, const DiskLogOptions& options, Target& target,
              SegmentSet& segments, std::string folder);

  // Goes on where the log ends. Once, before all else.
  Status Open(const RecoveredLog& log);
  // Leaves little to the next start. The last call.
  void Close();

  void Commit(std::vector<PendingAppend>& group) override;
  void OnIdle() override;
  // Ends the segment that is appended to, if it holds a record.
  Status EndActive();

  bool IsFull() const { return space_.IsFull(); }
  // Adds what was counted.
  void Report(log::CommitStats& stats) const;
  void Report(log::Activity& activity) const;

 private:
  struct Staged;
  using Answer = Result<log::Appended>;

  std::optional<Answer> Settle(const PendingAppend& append);
  Status MakeRoom(std::uint64_t bytes, std::vector<Staged>& staged);
  void Stage(PendingAppend& append, std::vector<Staged>& staged);
  Status Flush(std::vector<Staged>& staged);
  Status Sync();
  void Publish(const std::vector<Staged>& staged);
  void Count(const std::vector<Staged>& staged);
  Answer WhenDurable(Answer replay) const;
  void Fail(const Status& status);

  Status Roll();
  Status AddSegment(std::unique_ptr<SegmentWriter> segment, Offset next_offset);
  void KeepIndex();
  Status RestoreKeys(const std::vector<LogSegment>& segments);
  Status SaveKeys();

  FileSystem& files_;
  const Clock& clock_;
  const DiskLogOptions& options_;
  Target& target_;
  SegmentSet& segments_;
  const std::string folder_;
  log::LogId id_;

  std::unique_ptr<SegmentWriter> active_;  // null while a sealed segment is the last
  std::shared_ptr<Segment> last_;
  Offset staged_offset_;  // that the next append gets
  Timestamp last_timestamp_;
  Status failure_;
  FreeSpace space_;
  log::IdempotencyWindow window_;
  Offset saved_offset_;  // up to which the file of the window tells

  std::array<Counter, log::CommitStats::kGroupBounds.size() + 1> groups_;
  Counter grouped_appends_;
  DurationHistogram<Counter> syncs_;
  DurationHistogram<Counter> appends_;
  Counter appended_records_;
  Counter appended_bytes_;
};

}  // namespace daybook::disk
