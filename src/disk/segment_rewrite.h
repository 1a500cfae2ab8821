// SegmentRewrite writes what can be read of a segment into a new one, with a salt of its own, and
// lost frames where records are missing. Used by one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/frame_walk.h"
#include "disk/log_repair.h"
#include "disk/segment_writer.h"
#include "disk/sparse_index.h"

namespace daybook::disk {

class SegmentRewrite {
 public:
  // A segment of the log `log`, in `folder`.
  SegmentRewrite(FileSystem& files, std::string folder, const log::LogId& log)
      : files_(files), folder_(std::move(folder)), log_(log) {}
  // What was written and not published is removed.
  ~SegmentRewrite();
  SegmentRewrite(const SegmentRewrite&) = delete;
  SegmentRewrite& operator=(const SegmentRewrite&) = delete;

  // Writes it under a temporary name, durably. Once.
  Status Write(const SegmentRepair& segment);

  // Gives it its name, in the place of what had that, durably, and an index.
  Status Publish();

 private:
  Status CopyFrames(const ExaminedSegment& source, Offset next_offset);
  Status Copy(const FrameWalk::Frame& frame);
  Status AddLostUpTo(Offset offset, Timestamp timestamp);
  Status Add(const FrameHeader& header, std::string bytes);
  Status End(bool sealed);

  FileSystem& files_;
  const std::string folder_;
  const log::LogId log_;
  std::unique_ptr<SegmentWriter> writer_;
  std::optional<SparseIndex> index_;
  Offset offset_;  // behind what was added
  Timestamp timestamp_;
  std::uint64_t unwritten_bytes_ = 0;
  bool published_ = false;
};

// Puts it in the place of what is there. Its name is durable when the folder is synced.
Status WriteIndex(FileSystem& files, const std::string& path, const SparseIndex& index,
                  std::uint64_t salt, std::uint64_t end);

}  // namespace daybook::disk
