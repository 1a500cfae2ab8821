// LogAppender is the end of a log: it settles appends, gives them their offsets and their places,
// and answers them when they are durable.
//
// Everything of it runs under a Committer, one call at a time. A GroupCommit says when: it has the
// appends of a group taken, has what was taken written and made durable, and has it answered. After
// a failed write or sync nothing is acknowledged again (see FailureLatch).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/status.h"
#include "disk/commit_counters.h"
#include "disk/disk_log_options.h"
#include "disk/failure_latch.h"
#include "disk/file_cache.h"
#include "disk/free_space.h"
#include "disk/journal_file.h"
#include "disk/pending_append.h"
#include "disk/recovery.h"
#include "disk/segment_set.h"
#include "disk/segment_writer.h"
#include "log/idempotency.h"

namespace daybook::disk {

class LogAppender {
 public:
  // The log, as the appender needs it.
  class Target {
   public:
    virtual ~Target() = default;
    // How large a segment may become now.
    virtual std::uint64_t segment_bytes_max() const = 0;
    // Another segment was begun.
    virtual void OnSegment() = 0;
    // There are more records, and who appended them was answered.
    virtual void OnMoved() = 0;
  };

  // What the logs of a store have in common; it outlives them.
  struct Shared {
    FileSystem& files;
    const Clock& clock;
    FailureLatch& failure;
    CommitCounters& counters;
    FileCache& readers;
    FreeSpace* space;  // null: the log may use what is kept free
  };

  // `options`, `target` and `segments`, of the log in `folder`, outlive the appender.
  LogAppender(Shared shared, const DiskLogOptions& options, Target& target, SegmentSet& segments,
              std::string folder);

  // Goes on where the log ends. Once, before all else.
  Status Open(const RecoveredLog& log);
  // Leaves little to the next start. The last call.
  void Close();
  // The log is no more: whatever comes is answered `why`.
  void Abandon(Status why);

  // Settles the append, and gives it its offset and its place, unless it is answered without.
  void Take(PendingAppend append, Timestamp now);
  // Adds a mark behind what is durable, if there is something that none is behind.
  void TakeMark();
  // Whether something was taken since the last Finish(), and is to be written.
  bool has_taken() const { return !staged_.empty() || !unwritten_.empty(); }
  bool has_frames() const { return active_ != nullptr && !active_->added().empty(); }
  std::uint64_t unwritten_bytes() const {
    return active_ == nullptr ? 0 : active_->position() - active_->written_position();
  }
  // Writes it, and syncs it.
  Status WriteAndSync();
  // The other way: adds it to a group of the journal, writes it, and it is durable when that is.
  void AddTo(JournalGroup& group) const;
  Status Write();
  void NoteDurable();
  // Answers what was taken: it is durable, or nobody knows.
  void Finish(const Status& status);
  // Tells that the log has moved, if it has since the last time.
  void TellMoved();

  // Closes the file that is written to, until it is needed.
  void Release();

  bool is_abandoned() const { return !abandoned_.ok(); }
  // Whether no mark says of the last append that it is durable.
  bool is_unmarked() const { return unmarked_; }

  // Ends the segment that is appended to, if it holds a record.
  Status EndActive();

 private:
  // An append that has its offset and its place.
  struct Staged {
    PendingAppend append;
    Offset first_offset;
    std::uint64_t position = 0;
  };
  using Answer = Result<log::Appended>;

  std::optional<Answer> Settle(const PendingAppend& append);
  Status MakeRoomOrFail(std::uint64_t bytes);
  Status MakeRoom(std::uint64_t bytes);
  void Stage(PendingAppend append);
  void Publish();
  void Count();
  Answer WhenDurable(Answer replay) const;

  Status Roll();
  Status AddSegment(std::unique_ptr<SegmentWriter> segment, Offset next_offset);
  void KeepIndex();
  Status RestoreKeys(const std::vector<LogSegment>& segments);
  Status SaveKeys();
  bool IsSavedUpToLast() const;
  bool IsSavedNearEnd() const;

  const Shared shared_;
  const DiskLogOptions& options_;
  Target& target_;
  SegmentSet& segments_;
  const std::string folder_;
  log::LogId id_;

  std::unique_ptr<SegmentWriter> active_;  // null while a sealed segment is the last
  std::shared_ptr<Segment> last_;
  std::uint64_t begin_position_ = 0;  // behind what the active segment began with
  Offset staged_offset_;              // that the next append gets
  Timestamp last_timestamp_;
  bool unmarked_ = false;
  bool moved_ = false;    // since TellMoved()
  bool changed_ = false;  // since Open()
  Status abandoned_;
  log::IdempotencyWindow window_;
  Offset saved_offset_;  // up to which the file of the window tells

  std::vector<Staged> staged_;
  std::vector<std::pair<PendingAppend, Answer>> unwritten_;
};

}  // namespace daybook::disk
