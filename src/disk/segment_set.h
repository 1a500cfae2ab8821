// SegmentSet is a log as its readers see it: the offset that it begins with, its segments, and how
// far they may be read. Thread-safe; a read goes on undisturbed in segments that are taken out
// meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "disk/segment.h"
#include "log/log.h"

namespace daybook::disk {

class SegmentSet {
 public:
  struct Extent {
    Offset first_offset;
    Offset next_offset;
    std::uint64_t bytes = 0;  // up to the end of each segment
    std::size_t segments = 0;
  };

  // `segments` are by offset, without gaps, at least one, and `first_offset` is in one or behind
  // the last.
  void Reset(Offset first_offset, std::vector<LogSegment> segments);
  // Behind the last one's end.
  void Add(LogSegment segment);
  // The last one's end has moved.
  void Advance(const SegmentEnd& end, Timestamp last_timestamp);
  // The log begins with `first_offset` from now on, which is not before. Takes out and returns the
  // segments that lie wholly below; the last one stays in any case.
  std::vector<std::shared_ptr<Segment>> TrimTo(Offset first_offset);

  // Nothing was put in yet: the others must not be called.
  bool empty() const;
  Extent extent() const;
  LogSegment last() const;
  std::vector<LogSegment> segments() const;
  // As log::Log::Read().
  Result<log::Page> Read(Offset from, const log::ReadLimits& limits) const;

 private:
  Result<std::optional<LogSegment>> Find(Offset from, Offset next, log::Page& page) const;

  mutable Mutex mutex_;
  Offset first_offset_ GUARDED_BY(mutex_);
  std::vector<LogSegment> segments_ GUARDED_BY(mutex_);
};

}  // namespace daybook::disk
