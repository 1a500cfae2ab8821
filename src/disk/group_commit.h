// GroupCommit makes a group of appends, to whichever logs of a store, durable and has every one
// answered. One log's segment is synced; the frames of several go through the journal.
//
// A log is left with a mark when nothing was appended to it for a while. Everything but IsFull()
// runs under a Committer, one call at a time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "disk/commit_counters.h"
#include "disk/committer.h"
#include "disk/failure_latch.h"
#include "disk/free_space.h"
#include "disk/journal.h"
#include "disk/log_appender.h"
#include "disk/recent_logs.h"

namespace daybook::disk {

class GroupCommit : public CommitTarget {
 public:
  // So many segments are open for writing between groups.
  static constexpr std::size_t kOpenMax = 1'024;
  // And so many more within one.
  static constexpr std::size_t kTogetherMax = 512;

  // The journal proves for a while what went through it, so that a mark has more time.
  static constexpr int kIdleTimesInJournal = 10;

  // All of it outlives this. A log is idle for `idle_time` before it has a mark.
  GroupCommit(const daybook::Clock& clock, FailureLatch& failure, FreeSpace& space,
              Journal& journal, CommitCounters& counters, std::chrono::milliseconds idle_time);

  void Commit(std::vector<PendingAppend>& group) override;
  std::optional<Clock::time_point> idle_at() const override;
  void OnIdle() override;

  // The log, which has no mark at its end, is to have one when it was idle for long enough.
  void Watch(const std::shared_ptr<LogAppender>& log) { unmarked_.Add(log, Clock::now()); }
  // Of a log that is no more.
  void Forget(const LogAppender& log);
  // Leaves each log with a mark. The last call.
  void Close();

 private:
  void Finish();
  Status MakeDurable();
  Status WriteWithJournal(const JournalGroup::Size& size);
  void NoteUse(const std::shared_ptr<LogAppender>& log, Clock::time_point now);
  void Mark(const RecentLogs& logs, Clock::time_point last_used_before);

  const daybook::Clock& clock_;
  FailureLatch& failure_;
  FreeSpace& space_;
  Journal& journal_;
  CommitCounters& counters_;
  const std::chrono::milliseconds idle_time_;
  std::vector<std::shared_ptr<LogAppender>> touched_;  // by the group under way
  bool through_journal_ = false;                       // the last group went
  RecentLogs unmarked_;                                // that have no mark, and are not
  RecentLogs journaled_;                               // of those whose last group did so
  RecentLogs open_;                                    // whose last segments are open for writing
};

}  // namespace daybook::disk
