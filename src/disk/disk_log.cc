#include "disk/disk_log.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/check.h"
#include "disk/append_body.h"
#include "disk/key_checkpoint.h"

namespace daybook::disk {
namespace {

using std::chrono::steady_clock;

Status UnknownOutcome(const Status& failure) {
  return {StatusCode::kUnknownOutcome,
          "the record may or may not be in the log: " + failure.message()};
}

}  // namespace

// An append that has its offset and its place.
struct DiskLog::Staged {
  PendingAppend append;
  Offset first_offset;
  std::uint64_t position = 0;
};

DiskLog::DiskLog(FileSystem& files, const Clock& clock, DiskLogOptions options, LogHost& host)
    : files_(files),
      clock_(clock),
      options_(std::move(options)),
      host_(host),
      window_(options_.idempotency) {}

void DiskLog::Close() {
  {
    const MutexLock lock(mutex_);
    if (state_ == State::kServing) state_ = State::kClosed;
  }
  if (committer_ == nullptr) return;
  committer_->Stop();
  if (writer_ != nullptr && failure_.ok()) {
    (void)writer_->CutToSize();  // room is made when needed
    KeepIndex(*last_segment_, writer_->position());
  }
  if (failure_.ok()) (void)SaveKeys();  // else the next start reads more
  writer_.reset();
}

// Before another segment begins: those before it may go from then on, and their keys stay.
Status DiskLog::SaveKeys() {
  if (options_.idempotency.keys_max == 0 || saved_offset_ == staged_offset_) return {};
  Status status = SaveWindow(files_, folder_, id_, window_, staged_offset_);
  if (status.ok()) saved_offset_ = staged_offset_;
  return status;
}

Status DiskLog::RestoreKeys(const std::vector<LogSegment>& segments) {
  if (options_.idempotency.keys_max == 0) return {};
  const Result<Offset> saved = RestoreWindow(files_, folder_, id_, segments,
                                             std::max(last_timestamp_, clock_.Now()), window_);
  if (!saved.ok()) return saved.status();
  saved_offset_ = *saved;
  return saved_offset_ < segments.back().segment->header().first_offset ? SaveKeys() : Status();
}

Status DiskLog::Open(const std::string& folder, Timestamp created,
                     const log::Retention& retention) {
  Result<RecoveredLog> recovered = RecoverLog(files_, folder, &progress_);
  Status status = recovered.status();
  if (recovered.ok()) {
    folder_ = folder;
    id_ = recovered->meta.log;
    created_ = created;
    last_timestamp_ = recovered->last_timestamp;
    const LogSegment& last = recovered->segments.back();
    last_segment_ = last.segment;
    staged_offset_ = last.end.offset;
    if (!recovered->last_is_sealed) {
      Result<std::unique_ptr<SegmentWriter>> writer =
          SegmentWriter::Resume(files_, folder_, last.segment->header(), last.end.position);
      status = writer.status();
      if (writer.ok()) writer_ = std::move(*writer);
    }
    if (status.ok()) status = RestoreKeys(recovered->segments);
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
  committer_ = std::make_unique<Committer>(static_cast<CommitTarget&>(*this), options_.queue,
                                           recovered->last_ends_with_mark);
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
  append.since = steady_clock::now();
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

void DiskLog::Commit(std::vector<PendingAppend>& group) {
  last_timestamp_ = std::max(last_timestamp_, clock_.Now());
  AskForFreeBytes();
  std::vector<Staged> staged;
  std::vector<std::pair<PendingAppend*, Result<log::Appended>>> unwritten;
  std::uint64_t refused_bytes = 0;
  for (PendingAppend& append : group) {
    if (auto answer = failure_.ok() ? Settle(append) : std::nullopt) {
      unwritten.emplace_back(&append, *std::move(answer));
      continue;
    }
    Status room = failure_.ok() ? MakeRoom(append.frame.bytes.size(), staged) : failure_;
    if (room.ok()) {
      Stage(append, staged);
      continue;
    }
    if (room.code() == StatusCode::kNoSpace) {
      refused_bytes = std::max<std::uint64_t>(refused_bytes, append.frame.bytes.size());
    } else {
      if (failure_.ok()) Fail(room);
      room = Status(StatusCode::kUnavailable, "the log has failed: " + room.message());
    }
    unwritten.emplace_back(&append, std::move(room));
  }
  NoteFullness(refused_bytes);  // before anybody can act on an answer
  (void)Flush(staged);          // answers them, whatever became of them
  for (auto& [append, answer] : unwritten) append->done(WhenDurable(std::move(answer)));
}

// The answer to an append that is a retry, or whose condition does not hold.
std::optional<Result<log::Appended>> DiskLog::Settle(const PendingAppend& append) {
  const auto& [expected, key] = append.options;
  if (!key.empty()) {
    if (auto replay = window_.Replay(key, append.frame.digest, last_timestamp_)) return replay;
  }
  if (expected.value_or(staged_offset_) == staged_offset_) return std::nullopt;
  return Result<log::Appended>(log::NotTheEnd(*expected, staged_offset_));
}

// Gives the append its offset and its place.
void DiskLog::Stage(PendingAppend& append, std::vector<Staged>& staged) {
  FrameHeader header;
  header.body_bytes = append.frame.body_bytes;
  header.record_count = append.frame.record_count;
  header.first_offset = staged_offset_;
  header.timestamp = last_timestamp_;
  const std::uint64_t position = writer_->Add(header, std::move(append.frame.bytes));
  staged_offset_ = staged_offset_ + header.record_count;
  if (!append.options.idempotency_key.empty()) {
    window_.Add({std::move(append.options.idempotency_key), append.frame.digest,
                 header.first_offset, staged_offset_, last_timestamp_});
  }
  staged.push_back({std::move(append), header.first_offset, position});
}

// A retry of what was in the same group shares its fate.
Result<log::Appended> DiskLog::WhenDurable(Result<log::Appended> replay) const {
  if (!replay.ok() || replay->next_offset <= segments_.extent().next_offset) return replay;
  return UnknownOutcome(failure_);
}

// How much must be free for an append of so many bytes to be taken: they had no room now.
void DiskLog::NoteFullness(std::uint64_t refused_bytes) {
  std::uint64_t wanted_bytes = 0;
  if (refused_bytes > 0) {
    const Result<std::uint64_t> free_bytes = files_.FreeBytes(folder_);
    wanted_bytes =
        std::max(options_.reserve_bytes, free_bytes.ok() ? *free_bytes : 0) + refused_bytes;
  }
  free_bytes_wanted_.store(wanted_bytes, std::memory_order_relaxed);
}

// Once a group; what the group takes is counted from there.
void DiskLog::AskForFreeBytes() {
  if (options_.reserve_bytes > 0 && failure_.ok()) free_bytes_ = files_.FreeBytes(folder_);
}

// Room for a frame in the active segment, or in a new one where it would make the active too large.
Status DiskLog::MakeRoom(std::uint64_t bytes, std::vector<Staged>& staged) {
  if (options_.reserve_bytes > 0) {
    if (!free_bytes_.ok()) return free_bytes_.status();
    if (*free_bytes_ < options_.reserve_bytes + bytes) {
      return {StatusCode::kNoSpace, "the disk has " + std::to_string(*free_bytes_) +
                                        " bytes left, and " +
                                        std::to_string(options_.reserve_bytes) + " are kept free"};
    }
    *free_bytes_ -= bytes;
  }
  const bool too_large =
      writer_ != nullptr && writer_->position() > kSegmentHeaderBytes &&
      writer_->position() + bytes + kFrameHeaderBytes > keeper_->segment_bytes_max();
  if (writer_ == nullptr || too_large) {
    if (Status status = Flush(staged); !status.ok()) return status;
    if (Status status = Roll(); !status.ok()) return status;
  }
  return writer_->MakeRoom(bytes);
}

// Begins the next segment; everything that was added is durable.
Status DiskLog::Roll() {
  Result<std::unique_ptr<SegmentWriter>> next =
      SegmentWriter::Create(files_, folder_, id_, staged_offset_, clock_.Now());
  if (!next.ok()) return next.status();
  Offset next_offset = staged_offset_;
  if (options_.snapshot) {
    std::optional<EncodedAppend> snapshot = EncodeAppend(options_.snapshot(), {});
    if (!snapshot) return {StatusCode::kInternal, "a snapshot is larger than a frame can be"};
    next_offset = next_offset + snapshot->record_count;
    if (Status status = (*next)->BeginWith(std::move(*snapshot), last_timestamp_); !status.ok())
      return status;
  }
  if (Status status = SaveKeys(); !status.ok()) return status;
  if (writer_ != nullptr) {
    if (Status status = writer_->Mark(staged_offset_, last_timestamp_, true); !status.ok())
      return status;
    if (Status status = writer_->CutToSize(); !status.ok()) return status;
    segments_.Advance({writer_->position(), staged_offset_}, last_timestamp_);
    KeepIndex(*last_segment_, writer_->position());
  }
  if (Status status = (*next)->Publish(); !status.ok()) return status;
  return AddSegment(std::move(*next), next_offset);
}

Status DiskLog::AddSegment(std::unique_ptr<SegmentWriter> writer, Offset next_offset) {
  Result<std::unique_ptr<File>> file = files_.Open(
      std::string(folder_).append("/").append(SegmentName(writer->header().first_offset)),
      FileSystem::Mode::kRead);
  if (!file.ok()) return file.status();
  last_segment_ = std::make_shared<Segment>(writer->header(), std::move(*file));
  writer_ = std::move(writer);
  staged_offset_ = next_offset;
  segments_.Add({last_segment_, {writer_->position(), staged_offset_}, last_timestamp_});
  UniqueFunction<void()> keep = [this] { Keep(); };
  if (!keeper_->keeps_all()) (void)host_.Post(keep);
  return {};
}

// The index of a segment, beside it, which ends with a mark at `end`. Nothing depends on it:
// without, the start scans.
void DiskLog::KeepIndex(const Segment& segment, std::uint64_t end) {
  const std::string path =
      std::string(folder_).append("/").append(IndexName(segment.header().first_offset));
  const Result<std::unique_ptr<File>> file = files_.Open(path, FileSystem::Mode::kOpenOrCreate);
  if (!file.ok()) return;
  const std::string bytes = segment.index().Encode(segment.header().salt, end);
  if ((*file)->Truncate(0).ok()) (void)(*file)->WriteBytesAt(0, bytes);
}

// Makes what was staged durable and answers it.
Status DiskLog::Flush(std::vector<Staged>& staged) {
  if (staged.empty()) return failure_;
  Status status = failure_;
  if (status.ok()) status = writer_->Write();
  if (status.ok()) status = Sync();
  if (status.ok()) {
    Publish(staged);
  } else if (failure_.ok()) {
    Fail(status);
  }
  CountGroup(staged);
  for (Staged& each : std::exchange(staged, {})) {
    if (status.ok()) {
      each.append.done(log::Appended{each.first_offset,
                                     each.first_offset + each.append.frame.record_count,
                                     last_timestamp_, false});
    } else {
      each.append.done(UnknownOutcome(status));
    }
  }
  return status;
}

Status DiskLog::Sync() {
  const auto began = steady_clock::now();
  Status status = writer_->Sync();
  syncs_.Observe(steady_clock::now() - began);
  return status;
}

void DiskLog::CountGroup(const std::vector<Staged>& staged) {
  constexpr auto& kBounds = log::CommitStats::kGroupBounds;
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), staged.size());
  groups_[static_cast<std::size_t>(bucket - kBounds.begin())].Add();
  grouped_appends_.Add(staged.size());
  const auto now = steady_clock::now();
  for (const Staged& each : staged) appends_.Observe(now - each.append.since);
}

void DiskLog::Publish(const std::vector<Staged>& staged) {
  for (const Staged& each : staged) last_segment_->index().Add(each.first_offset, each.position);
  segments_.Advance({writer_->position(), staged_offset_}, last_timestamp_);
  const MutexLock lock(mutex_);
  for (const Staged& each : staged) {
    activity_.appended_records += each.append.frame.record_count;
    activity_.appended_bytes += each.append.payload_bytes;
  }
}

void DiskLog::Fail(const Status& status) {
  failure_ = status;
  Tell(status);
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

void DiskLog::OnIdle() {
  if (!failure_.ok() || writer_ == nullptr || writer_->position() == kSegmentHeaderBytes) return;
  const Status status = writer_->Mark(staged_offset_, last_timestamp_, false);
  if (status.ok()) {
    segments_.Advance({writer_->position(), staged_offset_}, last_timestamp_);
  } else if (status.code() != StatusCode::kNoSpace) {
    Fail(status);
  }
}

// --- reads

void DiskLog::Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) {
  if (Status status = Opened(); !status.ok()) return done(std::move(status));
  Result<log::Page> page = segments_.Read(from, limits);
  if (page.ok()) {
    const MutexLock lock(mutex_);
    activity_.read_records += page->records.size();
    activity_.read_bytes += page->bytes;
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

Status DiskLog::EndActive() {
  std::promise<Status> ended;
  UniqueFunction<void()> task = [&] {
    Status status = failure_;
    if (status.ok() && staged_offset_ > last_segment_->header().first_offset) status = Roll();
    if (!status.ok() && status.code() != StatusCode::kNoSpace && failure_.ok()) Fail(status);
    ended.set_value(std::move(status));
  };
  if (!committer_->Run(task)) return Serving();
  return ended.get_future().get();
}

bool DiskLog::IsFull() const {
  const std::uint64_t wanted_bytes = free_bytes_wanted_.load(std::memory_order_relaxed);
  if (wanted_bytes == 0) return false;
  const Result<std::uint64_t> free_bytes = files_.FreeBytes(folder_);
  return !free_bytes.ok() || *free_bytes < wanted_bytes;
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
  if (IsFull()) return degraded("the disk is full: appends get 507, reads go on");
  return {"disk", log::Check::State::kOk, ""};
}

log::Activity DiskLog::activity() const {
  const MutexLock lock(mutex_);
  return activity_;
}

log::CommitStats DiskLog::commit_stats() const {
  log::CommitStats stats;
  for (std::size_t i = 0; i < groups_.size(); ++i) AddTo(stats.groups[i], groups_[i]);
  AddTo(stats.grouped_appends, grouped_appends_);
  AddTo(stats.syncs, syncs_);
  AddTo(stats.appends, appends_);
  const MutexLock lock(mutex_);
  if (committer_ != nullptr) {
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
