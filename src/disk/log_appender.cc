#include "disk/log_appender.h"

#include <algorithm>
#include <chrono>

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

LogAppender::LogAppender(Shared shared, const DiskLogOptions& options, Target& target,
                         SegmentSet& segments, std::string folder)
    : shared_(shared),
      options_(options),
      target_(target),
      segments_(segments),
      folder_(std::move(folder)),
      window_(options.idempotency) {}

Status LogAppender::Open(const RecoveredLog& log) {
  id_ = log.meta.log;
  last_timestamp_ = log.last_timestamp;
  const LogSegment& last = log.segments.back();
  last_ = last.segment;
  staged_offset_ = last.end.offset;
  if (!log.last_is_sealed) {
    active_ = SegmentWriter::Resume(shared_.files, folder_, last_->header(), last.end.position);
    unmarked_ = !log.last_ends_with_mark && last.end.position > kSegmentHeaderBytes;
    changed_ = unmarked_ || log.report.scanned_bytes > 0;
  }
  return RestoreKeys(log.segments);
}

void LogAppender::Close() {
  if (changed_ && abandoned_.ok() && !shared_.failure.failed()) {
    if (active_ != nullptr) {
      (void)active_->GiveRoomBack();  // it is made when needed
      KeepIndex();
    }
    if (!IsSavedNearEnd()) (void)SaveKeys();  // else the next start reads more
  }
  active_.reset();
}

void LogAppender::Release() {
  if (active_ != nullptr) active_->Release();
}

void LogAppender::Abandon(Status why) {
  abandoned_ = std::move(why);
  active_.reset();
  unmarked_ = false;
}

// --- groups

void LogAppender::Take(PendingAppend append, Timestamp now) {
  last_timestamp_ = std::max(last_timestamp_, now);
  Status refusal = abandoned_.ok() ? shared_.failure.Serving() : abandoned_;
  if (refusal.ok()) {
    if (auto answer = Settle(append)) {
      unwritten_.emplace_back(std::move(append), *std::move(answer));
      return;
    }
    refusal = MakeRoomOrFail(append.frame.bytes.size());
    if (refusal.ok() && append.admit) refusal = append.admit(staged_offset_);
    if (refusal.ok()) return Stage(std::move(append));
  }
  unwritten_.emplace_back(std::move(append), std::move(refusal));
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

Status LogAppender::MakeRoomOrFail(std::uint64_t bytes) {
  Status status = MakeRoom(bytes);
  if (status.ok() || status.code() == StatusCode::kUnavailable) return status;
  if (status.code() == StatusCode::kNoSpace) {
    if (shared_.space != nullptr) shared_.space->NoteRefused(bytes);
    return status;
  }
  shared_.failure.Set(status);
  return shared_.failure.Serving();
}

// Room for a frame in the active segment, or in a new one where it would make the active too large.
Status LogAppender::MakeRoom(std::uint64_t bytes) {
  if (shared_.space != nullptr) {
    if (Status status = shared_.space->Take(bytes); !status.ok()) return status;
  }
  // What segments begin with is written as often as it is large.
  const std::uint64_t bytes_max = std::max(target_.segment_bytes_max(), 2 * begin_position_);
  const bool too_large = active_ != nullptr && active_->position() > kSegmentHeaderBytes &&
                         active_->position() + bytes + kFrameHeaderBytes > bytes_max;
  if (active_ == nullptr || too_large) {
    if (has_frames()) {
      Status status = WriteAndSync();
      Finish(status);
      if (!status.ok()) return status;
    }
    if (Status status = Roll(); !status.ok()) return status;
  }
  return active_->MakeRoom(bytes);
}

// Gives the append its offset and its place.
void LogAppender::Stage(PendingAppend append) {
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
  unmarked_ = changed_ = true;
  staged_.push_back({std::move(append), header.first_offset, position});
}

void LogAppender::TakeMark() {
  if (!unmarked_ || active_ == nullptr || shared_.failure.failed()) return;
  const Status status = active_->AddMark(staged_offset_, last_timestamp_, false);
  if (status.code() == StatusCode::kUnavailable) return;  // it is tried again
  if (!status.ok() && status.code() != StatusCode::kNoSpace) shared_.failure.Set(status);
  unmarked_ = false;
}

Status LogAppender::WriteAndSync() {
  Status status = active_->Write();
  if (status.ok()) {
    const auto began = steady_clock::now();
    status = active_->Sync();
    shared_.counters.syncs.Observe(steady_clock::now() - began);
  }
  if (!status.ok()) shared_.failure.Set(status);
  return status;
}

void LogAppender::AddTo(JournalGroup& group) const {
  if (!has_frames()) return;
  group.Add({id_, active_->header().first_offset, active_->written_position()}, active_->added());
}

void LogAppender::NoteDurable() {
  if (active_ != nullptr) active_->NoteDurable();
}

Status LogAppender::Write() {
  if (!has_frames()) return {};
  Status status = active_->Write(SegmentWriter::Zeros::kNone);
  if (!status.ok()) shared_.failure.Set(status);
  return status;
}

void LogAppender::Finish(const Status& status) {
  if (status.ok() && active_ != nullptr) Publish();
  Count();
  moved_ = moved_ || (status.ok() && !staged_.empty());
  for (Staged& each : std::exchange(staged_, {})) {
    if (status.ok()) {
      each.append.done(log::Appended{each.first_offset,
                                     each.first_offset + each.append.frame.record_count,
                                     last_timestamp_, false});
    } else {
      each.append.done(UnknownOutcome(status));
    }
  }
  for (auto& [append, answer] : std::exchange(unwritten_, {}))
    append.done(WhenDurable(std::move(answer)));
}

void LogAppender::TellMoved() {
  if (std::exchange(moved_, false)) target_.OnMoved();
}

void LogAppender::Publish() {
  for (const Staged& each : staged_) {
    last_->index().Add(each.first_offset, each.position);
    shared_.counters.appended_records.Add(each.append.frame.record_count);
    shared_.counters.appended_bytes.Add(each.append.payload_bytes);
  }
  segments_.Advance({active_->position(), staged_offset_}, last_timestamp_);
}

void LogAppender::Count() {
  const auto now = steady_clock::now();
  for (const Staged& each : staged_) shared_.counters.appends.Observe(now - each.append.since);
}

// A retry of what was in the same group shares its fate.
LogAppender::Answer LogAppender::WhenDurable(Answer replay) const {
  if (!replay.ok() || replay->next_offset <= segments_.extent().next_offset) return replay;
  return UnknownOutcome(shared_.failure.Serving());
}

// --- segments

Status LogAppender::EndActive() {
  Status status = abandoned_.ok() ? shared_.failure.Serving() : abandoned_;
  if (!status.ok()) return status;
  if (staged_offset_ > last_->header().first_offset) status = Roll();
  if (!status.ok() && status.code() != StatusCode::kNoSpace) shared_.failure.Set(status);
  return status;
}

// Begins the next segment; everything that was added is durable.
Status LogAppender::Roll() {
  Result<std::unique_ptr<SegmentWriter>> next =
      SegmentWriter::Create(shared_.files, folder_, id_, staged_offset_, shared_.clock.Now());
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
  Result<std::unique_ptr<File>> file = shared_.files.Open(
      std::string(folder_).append("/").append(SegmentName(segment->header().first_offset)),
      FileSystem::Mode::kRead);
  if (!file.ok()) return file.status();
  last_ = std::make_shared<Segment>(segment->header(), shared_.readers.Hold(std::move(*file)));
  active_ = std::move(segment);
  staged_offset_ = next_offset;
  begin_position_ = active_->position();
  unmarked_ = false;
  changed_ = true;
  segments_.Add({last_, {active_->position(), staged_offset_}, last_timestamp_});
  target_.OnSegment();
  return {};
}

// The index of the active segment, which ends with a mark. Nothing depends on it: without, the
// start scans.
void LogAppender::KeepIndex() {
  const std::string path =
      std::string(folder_).append("/").append(IndexName(last_->header().first_offset));
  const Result<std::unique_ptr<File>> file =
      shared_.files.Open(path, FileSystem::Mode::kOpenOrCreate);
  if (!file.ok()) return;
  const std::string bytes = last_->index().Encode(last_->header().salt, active_->position());
  if ((*file)->Truncate(0).ok()) (void)(*file)->WriteBytesAt(0, bytes);
}

// Before another segment begins: those before it may go from then on, and their keys stay.
Status LogAppender::SaveKeys() {
  if (options_.idempotency.keys_max == 0 || saved_offset_ == staged_offset_) return {};
  Status status = SaveWindow(shared_.files, folder_, id_, window_, staged_offset_);
  if (status.ok()) saved_offset_ = staged_offset_;
  return status;
}

// Whether the saved keys are at least those of the segments before the last, which may go.
bool LogAppender::IsSavedUpToLast() const { return saved_offset_ >= last_->header().first_offset; }

// Whether the next start would read little for want of the keys behind those that are saved.
bool LogAppender::IsSavedNearEnd() const {
  constexpr std::uint64_t kReadBytesMax = 64 << 10;
  return active_ != nullptr && IsSavedUpToLast() &&
         active_->position() - last_->index().Find(saved_offset_) <= kReadBytesMax;
}

Status LogAppender::RestoreKeys(const std::vector<LogSegment>& segments) {
  if (options_.idempotency.keys_max == 0) return {};
  const Result<std::optional<Offset>> saved =
      RestoreWindow(shared_.files, folder_, id_, segments,
                    std::max(last_timestamp_, shared_.clock.Now()), window_);
  if (!saved.ok()) return saved.status();
  saved_offset_ = saved->value_or(Offset());
  // A file that tells of more than there is would, when there is as much, tell of other records.
  const bool is_right = saved->has_value() && saved_offset_ <= staged_offset_;
  return is_right && IsSavedUpToLast() ? Status() : SaveKeys();
}

}  // namespace daybook::disk
