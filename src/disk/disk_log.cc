#include "disk/disk_log.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/check.h"
#include "disk/append_body.h"

namespace daybook::disk {
DiskLog::DiskLog(FileSystem& files, const Clock& clock, DiskLogOptions options, LogHost& host)
    : files_(files), clock_(clock), options_(std::move(options)), host_(host) {}

void DiskLog::Close() {
  {
    const MutexLock lock(mutex_);
    if (state_ == State::kServing) state_ = State::kClosed;
  }
  if (committer_ == nullptr) return;
  committer_->Stop();
  appender_->Close();
}

Status DiskLog::Open(const std::string& folder, Timestamp created,
                     const log::Retention& retention) {
  Result<RecoveredLog> recovered = RecoverLog(files_, folder, &progress_);
  Status status = recovered.status();
  if (recovered.ok()) {
    folder_ = folder;
    id_ = recovered->meta.log;
    created_ = created;
    appender_ = std::make_unique<LogAppender>(
        files_, clock_, options_, static_cast<LogAppender::Target&>(*this), segments_, folder_);
    status = appender_->Open(*recovered);
  }
  const MutexLock lock(mutex_);
  if (!status.ok()) {
    state_ = State::kFailed;
    reason_ = status.message();
    return status;
  }
  keeper_ =
      std::make_unique<LogKeeper>(files_, clock_, segments_, static_cast<LogKeeper::Target&>(*this),
                                  folder_, id_, options_.segment_bytes_max);
  keeper_->SetRetention(retention);
  if (options_.snapshot) keeper_->KeepLastOnly();
  // Whoever finds them finds the keeper too.
  segments_.Reset(recovered->meta.first_offset, std::move(recovered->segments));
  recovery_ = recovered->report;
  committer_ =
      std::make_unique<Committer>(*appender_, options_.queue, recovered->last_ends_with_mark);
  state_ = State::kServing;
  return {};
}

Status DiskLog::Unavailable() const {
  if (state_ == State::kRecovering) {
    return {StatusCode::kUnavailable,
            "the log is being recovered: " +
                std::to_string(progress_.segments_done.load(std::memory_order_relaxed)) + " of " +
                std::to_string(progress_.segments.load(std::memory_order_relaxed)) + " segments, " +
                std::to_string(progress_.scanned_bytes.load(std::memory_order_relaxed)) +
                " bytes read"};
  }
  if (state_ == State::kClosed) return {StatusCode::kUnavailable, "the server stops"};
  return {StatusCode::kUnavailable, "the log has failed: " + reason_};
}

// --- appends

void DiskLog::Append(log::Batch batch, log::AppendOptions options, log::AppendDone done) {
  CHECK(!batch.empty(), "an append of no records");
  std::optional<EncodedAppend> frame = EncodeAppend(batch, options.idempotency_key);
  if (!frame) return done(Status(StatusCode::kTooLarge, "the batch is larger than a frame can be"));
  PendingAppend append;
  append.frame = std::move(*frame);
  append.options = std::move(options);
  for (const log::NewRecord& record : batch) append.payload_bytes += log::PayloadBytes(record);
  append.since = std::chrono::steady_clock::now();
  append.done = std::move(done);
  Committer* committer = nullptr;
  Status unavailable;
  {
    const MutexLock lock(mutex_);
    committer = committer_.get();
    if (state_ != State::kServing) unavailable = Unavailable();
  }
  if (!unavailable.ok()) return append.done(std::move(unavailable));
  if (committer->Enqueue(append)) return;
  append.done(Status(StatusCode::kUnavailable, "as many appends as may are waiting for the disk"));
}

void DiskLog::Tell(const Status& failure) {
  {
    const MutexLock lock(mutex_);
    if (state_ == State::kFailed) return;
    state_ = State::kFailed;
    reason_ = failure.message();
  }
  host_.OnFailure(failure);
}

// --- reads

void DiskLog::Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) {
  if (Status status = Opened(); !status.ok()) return done(std::move(status));
  Result<log::Page> page = segments_.Read(from, limits);
  if (page.ok()) {
    const MutexLock lock(mutex_);
    read_records_ += page->records.size();
    read_bytes_ += page->bytes;
  }
  done(std::move(page));
}

void DiskLog::Info(log::InfoDone done) {
  if (Status status = Opened(); !status.ok()) return done(std::move(status));
  const SegmentSet::Extent extent = segments_.extent();
  done(log::LogInfo{id_, created_, extent.first_offset, extent.next_offset, extent.bytes,
                    keeper_->retention(), options_.idempotency});
}

// --- what is kept

void DiskLog::OnHousekeeper(UniqueFunction<Status()> step, log::InfoDone done) {
  UniqueFunction<void()> task = [this, step = std::move(step), done = std::move(done)]() mutable {
    if (Status status = step(); !status.ok()) return done(std::move(status));
    Info(std::move(done));
    Keep();
  };
  if (!host_.Post(task)) task();  // which then finds the log closed
}

void DiskLog::Trim(Offset before, log::InfoDone done) {
  OnHousekeeper(
      [this, before] {
        Status status = Serving();
        return status.ok() ? keeper_->TrimTo(before) : status;
      },
      std::move(done));
}

void DiskLog::Configure(const log::RetentionChange& change, log::InfoDone done) {
  OnHousekeeper([this, change] { return SetRetention(change); }, std::move(done));
}

// What there is can be read, whatever became of the log since.
Status DiskLog::Opened() const { return segments_.empty() ? Serving() : Status(); }

Status DiskLog::Serving() const {
  const MutexLock lock(mutex_);
  return state_ == State::kServing ? Status() : Unavailable();
}

Status DiskLog::SetRetention(const log::RetentionChange& change) {
  if (Status status = Serving(); !status.ok()) return status;
  const log::Retention retention = change.ApplyTo(keeper_->retention());
  Status status = host_.SaveRetention(id_, retention);
  if (status.ok()) keeper_->SetRetention(retention);
  return status;
}

void DiskLog::Keep() {
  if (Serving().ok()) keeper_->Keep();
}

void DiskLog::OnSegment() {
  UniqueFunction<void()> keep = [this] { Keep(); };
  if (!keeper_->keeps_all()) (void)host_.Post(keep);
}

Status DiskLog::EndActive() {
  std::promise<Status> ended;
  UniqueFunction<void()> task = [&] { ended.set_value(appender_->EndActive()); };
  if (!committer_->Run(task)) return Serving();
  return ended.get_future().get();
}

std::vector<LogSegment> DiskLog::SealedSegments() const {
  if (segments_.empty()) return {};
  std::vector<LogSegment> sealed = segments_.segments();
  sealed.pop_back();
  return sealed;
}

log::Check DiskLog::Check() const {
  {
    const MutexLock lock(mutex_);
    if (state_ != State::kServing)
      return {"disk", log::Check::State::kFailing, Unavailable().message()};
  }
  const auto degraded = [](std::string why) {
    return log::Check{"disk", log::Check::State::kDegraded, std::move(why)};
  };
  if (const auto running = committer_->running(); running >= options_.hangs_after) {
    return degraded("the disk has not come to the end of a write for " +
                    std::to_string(running / std::chrono::seconds(1)) +
                    " s: appends wait, reads go on");
  }
  if (appender_->IsFull()) return degraded("the disk is full: appends get 507, reads go on");
  return {"disk", log::Check::State::kOk, ""};
}

log::Activity DiskLog::activity() const {
  log::Activity activity;
  const MutexLock lock(mutex_);
  activity.read_records = read_records_;
  activity.read_bytes = read_bytes_;
  if (committer_ != nullptr) appender_->Report(activity);
  return activity;
}

log::CommitStats DiskLog::commit_stats() const {
  log::CommitStats stats;
  const MutexLock lock(mutex_);
  if (committer_ != nullptr) {
    appender_->Report(stats);
    stats.queued_appends = committer_->depth();
    stats.running = committer_->running();
  }
  if (!segments_.empty()) {
    const SegmentSet::Extent extent = segments_.extent();
    stats.segments = extent.segments;
    stats.segment_bytes = extent.bytes;
  }
  stats.recovery_duration = recovery_.duration;
  stats.recovery_scanned_bytes = recovery_.scanned_bytes;
  stats.recovery_cut_bytes = recovery_.cut_bytes;
  stats.recovery_rewritten_bytes = recovery_.rewritten_bytes;
  return stats;
}

RecoveryReport DiskLog::recovery() const {
  const MutexLock lock(mutex_);
  return recovery_;
}

}  // namespace daybook::disk
