// Segment is one file of a log as readers see it: an open file, the index into it, and how far it
// may be read.
//
// Shared by the log and by reads under way, so that a segment that retention takes away is there
// until the last of them has ended. Thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"
#include "disk/sparse_index.h"
#include "log/log.h"

namespace daybook::disk {

// Up to where something is durable: behind its last frame.
struct SegmentEnd {
  std::uint64_t position = kSegmentHeaderBytes;
  Offset offset;
};

// kDamaged: what is wrong at `position` (bytes) of the file at `path`.
Status Damaged(const std::string& path, std::uint64_t position, const std::string& what);

// kLost: a repair gave up the record at `from` and all behind it that are before `next_offset`.
Status Lost(Offset from, Offset next_offset);

class Segment {
 public:
  Segment(const SegmentHeader& header, std::unique_ptr<File> file)
      : header_(header), file_(std::move(file)), index_(header.first_offset) {}

  const SegmentHeader& header() const { return header_; }
  const File& file() const { return *file_; }
  SparseIndex& index() { return index_; }
  const SparseIndex& index() const { return index_; }

 private:
  const SegmentHeader header_;
  const std::unique_ptr<File> file_;
  SparseIndex index_;
};

// A segment of a log, and what is in it so far.
struct LogSegment {
  std::shared_ptr<Segment> segment;
  SegmentEnd end;
  Timestamp last_timestamp;  // of its last record, or later
};

// The records of a Page, and what their views point into.
class PageBuilder {
 public:
  explicit PageBuilder(const log::ReadLimits& limits) : limits_(limits) {}

  bool full() const { return full_ || page_.records.size() >= limits_.records_max; }
  bool empty() const { return page_.records.empty(); }
  // That the limits still let in.
  std::uint64_t records_left() const { return limits_.records_max - page_.records.size(); }
  std::uint64_t bytes_left() const {
    return limits_.bytes_max - std::min(page_.bytes, limits_.bytes_max);
  }

  // Adds the records of an append frame's body, which stands in `window`, from `from` on, as far as
  // the limits let it. False: the body is not what the header says. `end`: the offset at which the
  // frames end that may follow.
  bool Add(const FrameHeader& header, std::string_view body, std::shared_ptr<const void> window,
           Offset from, Offset end);

  // Whether a page that has a few records more is not worth reading `frame` for, which does not
  // fit: all of a frame is read and verified, and would be once more for the next page. So a page
  // that is nearly full ends with a large batch, and who reads page behind page reads each once.
  bool EndsBefore(const FrameHeader& frame) const;
  // The page is as full as it will be.
  void End() { full_ = true; }

  log::Page Take() &&;

 private:
  std::uint64_t AddRecords(std::string_view& body, Offset offset, Timestamp timestamp);
  void MakeRoom(const FrameHeader& header, std::uint64_t body_bytes, Offset from, Offset end);

  const log::ReadLimits limits_;
  log::Page page_;
  std::vector<std::shared_ptr<const void>> windows_;
  bool full_ = false;
};

// Adds the segment's records from `from` on, and before `end`, to `page`. kDamaged names file and
// position of what is no valid frame. Records that a repair gave up end the page before them; kLost
// where it would begin with one.
Status ReadRecords(const Segment& segment, const SegmentEnd& end, Offset from, PageBuilder& page);

}  // namespace daybook::disk
