// LogKeeper takes from a log what it is not to keep: what a client trims, what retention does not
// keep, and the files of what is gone for readers.
//
// Whole segments go, the oldest first. Used on the housekeeper's thread, but for retention() and
// segment_bytes_max(), which any may ask.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "base/status.h"
#include "disk/segment_set.h"
#include "log/log.h"

namespace daybook::disk {

class LogKeeper {
 public:
  // The log, as the keeper needs it.
  class Target {
   public:
    virtual ~Target() = default;
    // OK while there is something to keep; else why not.
    virtual Status Serving() const = 0;
    // Ends the segment that is appended to, if it holds a record, so that it can go.
    virtual Status EndActive() = 0;
    // The log can be served no longer.
    virtual void Tell(const Status& failure) = 0;
    // Removes files, of which there need not be all. kUnavailable: it cannot be now.
    virtual Status RemoveFiles(const std::vector<std::string>& paths) = 0;
  };

  // `segments`, of the log `id` in `folder`, and the others outlive the keeper.
  // `segment_bytes_max`: of a log that keeps all.
  LogKeeper(FileSystem& files, const Clock& clock, SegmentSet& segments, Target& target,
            std::string folder, const log::LogId& id, std::uint64_t segment_bytes_max);

  log::Retention retention() const;
  void SetRetention(const log::Retention& retention);
  // Of a log whose last segment says all: the others go.
  void KeepLastOnly() { keeps_last_only_ = true; }
  bool keeps_all() const { return !keeps_last_only_ && retention().keeps_all(); }
  // How large a segment may become, so that what is kept is near to what is wanted.
  std::uint64_t segment_bytes_max() const { return segment_bytes_max_; }

  // As log::Log::Trim().
  Status TrimTo(Offset before);
  // Takes what is not to be kept now.
  void Keep();

 private:
  Status KeepSealed();
  bool IsActiveToBeEnded() const;
  void NoteFilesOf(const std::vector<std::shared_ptr<Segment>>& segments);

  FileSystem& files_;
  const Clock& clock_;
  SegmentSet& segments_;
  Target& target_;
  const std::string folder_;
  const log::LogId id_;
  const std::uint64_t segment_bytes_most_;
  bool keeps_last_only_ = false;
  std::vector<std::string> trimmed_files_;  // that are there still
  bool failed_ = false;                     // the last time
  bool has_trimmed_ = true;                 // or may have, and something of it is there still

  std::atomic<std::uint64_t> segment_bytes_max_;
  mutable Mutex mutex_;
  log::Retention retention_ GUARDED_BY(mutex_);
};

}  // namespace daybook::disk
