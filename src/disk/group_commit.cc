#include "disk/group_commit.h"

#include <algorithm>
#include <utility>

namespace daybook::disk {

GroupCommit::GroupCommit(const daybook::Clock& clock, FailureLatch& failure, FreeSpace& space,
                         Journal& journal, CommitCounters& counters,
                         std::chrono::milliseconds idle_time)
    : clock_(clock),
      failure_(failure),
      space_(space),
      journal_(journal),
      counters_(counters),
      idle_time_(idle_time) {}

void GroupCommit::Commit(std::vector<PendingAppend>& group) {
  const Timestamp now = clock_.Now();
  space_.Begin();
  for (PendingAppend& append : group) {
    if (touched_.size() >= kTogetherMax) Finish();
    const std::shared_ptr<LogAppender> log = std::move(append.to);
    if (!log->has_taken()) touched_.push_back(log);
    log->Take(std::move(append), now);
  }
  space_.End();  // before anybody can act on an answer
  counters_.AddGroup(group.size());
  Finish();
}

// Has everything made durable and answered that was taken, whatever becomes of it.
void GroupCommit::Finish() {
  const Status status = MakeDurable();
  const auto now = Clock::now();
  const auto touched = std::exchange(touched_, {});
  for (const auto& log : touched) {
    log->Finish(status);
    NoteUse(log, now);
  }
  for (const auto& log : touched) log->TellMoved();
}

Status GroupCommit::MakeDurable() {
  through_journal_ = false;
  if (Status status = failure_.Serving(); !status.ok()) return status;
  if (touched_.size() > 1) {
    JournalGroup::Size size;
    for (const auto& log : touched_) size.AddPart(log->unwritten_bytes());
    if (journal_.Takes(size)) return WriteWithJournal(size);
    // It may have waited for a replay, which failed.
    if (Status status = failure_.Serving(); !status.ok()) return status;
  }
  for (const auto& log : touched_) {
    if (!log->has_frames()) continue;
    if (Status status = log->WriteAndSync(); !status.ok()) return status;
  }
  return {};
}

Status GroupCommit::WriteWithJournal(const JournalGroup::Size& size) {
  JournalGroup group(size);
  for (const auto& log : touched_) {
    log->AddTo(group);
    if (Status status = log->Write(); !status.ok()) return status;
  }
  const auto began = Clock::now();
  if (Status status = journal_.Append(std::move(group)); !status.ok()) return status;
  counters_.syncs.Observe(Clock::now() - began);
  for (const auto& log : touched_) log->NoteDurable();
  through_journal_ = true;
  return {};
}

void GroupCommit::NoteUse(const std::shared_ptr<LogAppender>& log, Clock::time_point now) {
  if (log->is_abandoned()) return Forget(*log);
  RecentLogs& others = through_journal_ ? unmarked_ : journaled_;
  RecentLogs& its_own = through_journal_ ? journaled_ : unmarked_;
  others.Remove(*log);
  if (log->is_unmarked()) {
    its_own.Add(log, now);
  } else {
    its_own.Remove(*log);
  }
  open_.Add(log, now);
  while (open_.size() > kOpenMax) {
    const std::shared_ptr<LogAppender> unused = open_.uses().front().log;
    unused->Release();
    open_.Remove(*unused);
  }
}

void GroupCommit::Forget(const LogAppender& log) {
  unmarked_.Remove(log);
  journaled_.Remove(log);
  open_.Remove(log);
}

std::optional<GroupCommit::Clock::time_point> GroupCommit::idle_at() const {
  std::optional<Clock::time_point> at;
  if (failure_.failed()) return at;
  if (!unmarked_.empty()) at = unmarked_.uses().front().last + idle_time_;
  if (!journaled_.empty()) {
    const auto mark_at = journaled_.uses().front().last + kIdleTimesInJournal * idle_time_;
    at = std::min(at.value_or(mark_at), mark_at);
  }
  return at;
}

void GroupCommit::OnIdle() {
  const auto now = Clock::now();
  Mark(unmarked_, now - idle_time_);
  Mark(journaled_, now - kIdleTimesInJournal * idle_time_);
  if (unmarked_.empty() && journaled_.empty()) journal_.OnIdle();
}

void GroupCommit::Close() {
  Mark(unmarked_, Clock::time_point::max());
  Mark(journaled_, Clock::time_point::max());
  journal_.Close();
}

// Marks that are due together are one group, or a few.
void GroupCommit::Mark(const RecentLogs& logs, Clock::time_point last_used_before) {
  std::vector<std::shared_ptr<LogAppender>> due;
  for (const RecentLogs::Use& each : logs.uses()) {
    if (each.last > last_used_before) break;
    due.push_back(each.log);
  }
  for (const auto& log : due) {
    if (touched_.size() >= kTogetherMax) Finish();
    log->TakeMark();
    touched_.push_back(log);
  }
  Finish();
}

}  // namespace daybook::disk
