#include "disk/log_appender.h"

#include <algorithm>
#include <chrono>
#include <utility>

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
struct LogAppender::Staged {
  PendingAppend append;
  Offset first_offset;
  std::uint64_t position = 0;
};

LogAppender::LogAppender(FileSystem& files, const Clock& clock, const DiskLogOptions& options,
                         Target& target, SegmentSet& segments, std::string folder)
    : files_(files),
      clock_(clock),
      options_(options),
      target_(target),
      segments_(segments),
      folder_(std::move(folder)),
      space_(files, folder_, options.reserve_bytes),
      window_(options.idempotency) {}

Status LogAppender::Open(const RecoveredLog& log) {
  id_ = log.meta.log;
  last_timestamp_ = log.last_timestamp;
  const LogSegment& last = log.segments.back();
  last_ = last.segment;
  staged_offset_ = last.end.offset;
  if (!log.last_is_sealed) {
    Result<std::unique_ptr<SegmentWriter>> active =
        SegmentWriter::Resume(files_, folder_, last_->header(), last.end.position);
    if (!active.ok()) return active.status();
    active_ = std::move(*active);
  }
  return RestoreKeys(log.segments);
}

void LogAppender::Close() {
  if (!failure_.ok()) return;
  if (active_ != nullptr) {
    (void)active_->CutToSize();  // room is made when needed
    KeepIndex();
  }
  (void)SaveKeys();  // else the next start reads more
  active_.reset();
}

// --- groups

void LogAppender::Commit(std::vector<PendingAppend>& group) {
  last_timestamp_ = std::max(last_timestamp_, clock_.Now());
  if (failure_.ok()) space_.Begin();
  std::vector<Staged> staged;
  std::vector<std::pair<PendingAppend*, Answer>> unwritten;
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
  space_.End(refused_bytes);  // before anybody can act on an answer
  (void)Flush(staged);        // answers them, whatever became of them
  for (auto& [append, answer] : unwritten) append->done(WhenDurable(std::move(answer)));
}

// The answer to an append that is a retry, or whose condition does not hold.
std::optional<LogAppender::Answer> LogAppender::Settle(const PendingAppend& append) {
  const auto& [expected, key] = append.options;
  if (!key.empty()) {
    if (auto replay = window_.Replay(key, append.frame.digest, last_timestamp_)) return replay;
  }
  if (expected.value_or(staged_offset_) == staged_offset_) return std::nullopt;
  return Answer(log::NotTheEnd(*expected, staged_offset_));
}

// Room for a frame in the active segment, or in a new one where it would make the active too large.
Status LogAppender::MakeRoom(std::uint64_t bytes, std::vector<Staged>& staged) {
  if (Status status = space_.Take(bytes); !status.ok()) return status;
  const bool too_large =
      active_ != nullptr && active_->position() > kSegmentHeaderBytes &&
      active_->position() + bytes + kFrameHeaderBytes > target_.segment_bytes_max();
  if (active_ == nullptr || too_large) {
    if (Status status = Flush(staged); !status.ok()) return status;
    if (Status status = Roll(); !status.ok()) return status;
  }
  return active_->MakeRoom(bytes);
}

// Gives the append its offset and its place.
void LogAppender::Stage(PendingAppend& append, std::vector<Staged>& staged) {
  FrameHeader header;
  header.body_bytes = append.frame.body_bytes;
  header.record_count = append.frame.record_count;
  header.first_offset = staged_offset_;
  header.timestamp = last_timestamp_;
  const std::uint64_t position = active_->Add(header, std::move(append.frame.bytes));
  staged_offset_ = staged_offset_ + header.record_count;
  if (!append.options.idempotency_key.empty()) {
    window_.Add({std::move(append.options.idempotency_key), append.frame.digest,
                 header.first_offset, staged_offset_, last_timestamp_});
  }
  staged.push_back({std::move(append), header.first_offset, position});
}

// Makes what was staged durable and answers it.
Status LogAppender::Flush(std::vector<Staged>& staged) {
  if (staged.empty()) return failure_;
  Status status = failure_;
  if (status.ok()) status = active_->Write();
  if (status.ok()) status = Sync();
  if (status.ok()) {
    Publish(staged);
  } else if (failure_.ok()) {
    Fail(status);
  }
  Count(staged);
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

Status LogAppender::Sync() {
  const auto began = steady_clock::now();
  Status status = active_->Sync();
  syncs_.Observe(steady_clock::now() - began);
  return status;
}

void LogAppender::Publish(const std::vector<Staged>& staged) {
  for (const Staged& each : staged) {
    last_->index().Add(each.first_offset, each.position);
    appended_records_.Add(each.append.frame.record_count);
    appended_bytes_.Add(each.append.payload_bytes);
  }
  segments_.Advance({active_->position(), staged_offset_}, last_timestamp_);
}

void LogAppender::Count(const std::vector<Staged>& staged) {
  constexpr auto& kBounds = log::CommitStats::kGroupBounds;
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), staged.size());
  groups_[static_cast<std::size_t>(bucket - kBounds.begin())].Add();
  grouped_appends_.Add(staged.size());
  const auto now = steady_clock::now();
  for (const Staged& each : staged) appends_.Observe(now - each.append.since);
}

// A retry of what was in the same group shares its fate.
LogAppender::Answer LogAppender::WhenDurable(Answer replay) const {
  if (!replay.ok() || replay->next_offset <= segments_.extent().next_offset) return replay;
  return UnknownOutcome(failure_);
}

void LogAppender::Fail(const Status& status) {
  failure_ = status;
  target_.Tell(status);
}

void LogAppender::OnIdle() {
  if (!failure_.ok() || active_ == nullptr || active_->position() == kSegmentHeaderBytes) return;
  const Status status = active_->Mark(staged_offset_, last_timestamp_, false);
  if (status.ok()) {
    segments_.Advance({active_->position(), staged_offset_}, last_timestamp_);
  } else if (status.code() != StatusCode::kNoSpace) {
    Fail(status);
  }
}

// --- segments

Status LogAppender::EndActive() {
  Status status = failure_;
  if (status.ok() && staged_offset_ > last_->header().first_offset) status = Roll();
  if (!status.ok() && status.code() != StatusCode::kNoSpace && failure_.ok()) Fail(status);
  return status;
}

// Begins the next segment; everything that was added is durable.
Status LogAppender::Roll() {
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
  if (active_ != nullptr) {
    if (Status status = active_->Mark(staged_offset_, last_timestamp_, true); !status.ok())
      return status;
    if (Status status = active_->CutToSize(); !status.ok()) return status;
    segments_.Advance({active_->position(), staged_offset_}, last_timestamp_);
    KeepIndex();
  }
  if (Status status = (*next)->Publish(); !status.ok()) return status;
  return AddSegment(std::move(*next), next_offset);
}

Status LogAppender::AddSegment(std::unique_ptr<SegmentWriter> segment, Offset next_offset) {
  Result<std::unique_ptr<File>> file = files_.Open(
      std::string(folder_).append("/").append(SegmentName(segment->header().first_offset)),
      FileSystem::Mode::kRead);
  if (!file.ok()) return file.status();
  last_ = std::make_shared<Segment>(segment->header(), std::move(*file));
  active_ = std::move(segment);
  staged_offset_ = next_offset;
  segments_.Add({last_, {active_->position(), staged_offset_}, last_timestamp_});
  target_.OnSegment();
  return {};
}

// The index of the active segment, which ends with a mark. Nothing depends on it: without, the
// start scans.
void LogAppender::KeepIndex() {
  const std::string path =
      std::string(folder_).append("/").append(IndexName(last_->header().first_offset));
  const Result<std::unique_ptr<File>> file = files_.Open(path, FileSystem::Mode::kOpenOrCreate);
  if (!file.ok()) return;
  const std::string bytes = last_->index().Encode(last_->header().salt, active_->position());
  if ((*file)->Truncate(0).ok()) (void)(*file)->WriteBytesAt(0, bytes);
}

// Before another segment begins: those before it may go from then on, and their keys stay.
Status LogAppender::SaveKeys() {
  if (options_.idempotency.keys_max == 0 || saved_offset_ == staged_offset_) return {};
  Status status = SaveWindow(files_, folder_, id_, window_, staged_offset_);
  if (status.ok()) saved_offset_ = staged_offset_;
  return status;
}

Status LogAppender::RestoreKeys(const std::vector<LogSegment>& segments) {
  if (options_.idempotency.keys_max == 0) return {};
  const Result<Offset> saved = RestoreWindow(files_, folder_, id_, segments,
                                             std::max(last_timestamp_, clock_.Now()), window_);
  if (!saved.ok()) return saved.status();
  saved_offset_ = *saved;
  return saved_offset_ < last_->header().first_offset ? SaveKeys() : Status();
}

// --- what was counted

void LogAppender::Report(log::CommitStats& stats) const {
  for (std::size_t i = 0; i < groups_.size(); ++i) AddTo(stats.groups[i], groups_[i]);
  AddTo(stats.grouped_appends, grouped_appends_);
  AddTo(stats.syncs, syncs_);
  AddTo(stats.appends, appends_);
}

void LogAppender::Report(log::Activity& activity) const {
  AddTo(activity.appended_records, appended_records_);
  AddTo(activity.appended_bytes, appended_bytes_);
}

}  // namespace daybook::disk
