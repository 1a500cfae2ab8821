#include "disk/log_keeper.h"

#include <memory>
#include <utility>

#include "base/logging.h"
#include "disk/log_folder.h"
#include "disk/retention.h"

namespace daybook::disk {

LogKeeper::LogKeeper(FileSystem& files, const Clock& clock, SegmentSet& segments, Target& target,
                     std::string folder, const log::LogId& id, std::uint64_t segment_bytes_max)
    : files_(files),
      clock_(clock),
      segments_(segments),
      target_(target),
      folder_(std::move(folder)),
      id_(id),
      segment_bytes_most_(segment_bytes_max),
      segment_bytes_max_(segment_bytes_max) {}

log::Retention LogKeeper::retention() const {
  const MutexLock lock(mutex_);
  return retention_;
}

void LogKeeper::SetRetention(const log::Retention& retention) {
  segment_bytes_max_ = SegmentBytesMax(retention, segment_bytes_most_);
  const MutexLock lock(mutex_);
  retention_ = retention;
}

Status LogKeeper::TrimTo(Offset before) {
  if (Status status = target_.Serving(); !status.ok()) return status;
  const SegmentSet::Extent extent = segments_.extent();
  if (before > extent.next_offset) return log::BeyondEnd(before, extent.next_offset);
  if (before <= extent.first_offset) return {};
  Status status = ReplaceMeta(files_, folder_, {id_, before});
  if (status.ok()) {
    has_trimmed_ = true;
    NoteFilesOf(segments_.TrimTo(before));
  } else if (status.code() != StatusCode::kNoSpace) {
    target_.Tell(status);
    return {StatusCode::kUnknownOutcome, "the log may or may not be trimmed: " + status.message()};
  }
  return status;
}

void LogKeeper::Keep() {
  if (keeps_all() && !has_trimmed_) return;
  if (!target_.Serving().ok()) return;
  Status status = KeepSealed();
  if (status.ok() && IsActiveToBeEnded()) {
    status = target_.EndActive();
    if (status.ok()) status = KeepSealed();
  }
  const bool failed = !status.ok() && status.code() != StatusCode::kUnavailable;
  if (failed && !std::exchange(failed_, true)) {
    logging::Warn("what is not to be kept cannot be removed now",
                  {{"log", id_.ToString()}, {"reason", status.message()}});
  }
  failed_ = failed;
  if (status.ok()) has_trimmed_ = false;
}

// Trims to what is to be kept of the segments that were ended, and removes the files of what is
// gone.
Status LogKeeper::KeepSealed() {
  const std::vector<LogSegment> segments = segments_.segments();
  const Offset kept = keeps_last_only_ ? segments.back().segment->header().first_offset
                                       : FirstKept(segments, retention(), clock_.Now());
  if (Status status = TrimTo(kept); !status.ok()) return status;
  // Those too that a trim left, for there was nothing behind them.
  NoteFilesOf(segments_.TrimTo(kept));
  if (trimmed_files_.empty()) return {};
  Status status = target_.RemoveFiles(trimmed_files_);
  if (status.ok()) trimmed_files_.clear();
  return status;
}

bool LogKeeper::IsActiveToBeEnded() const {
  return IsToBeEnded(segments_.last(), segments_.extent().first_offset, retention(), clock_.Now());
}

void LogKeeper::NoteFilesOf(const std::vector<std::shared_ptr<Segment>>& segments) {
  for (const std::shared_ptr<Segment>& segment : segments) {
    const std::string& path = segment->file().path();
    trimmed_files_.push_back(
        std::string(folder_).append("/").append(IndexName(segment->header().first_offset)));
    trimmed_files_.push_back(std::string(path).append(kTornSuffix));
    trimmed_files_.push_back(path);
  }
}

}  // namespace daybook::disk
