#include "disk/segment_set.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace daybook::disk {

void SegmentSet::Reset(Offset first_offset, std::vector<LogSegment> segments) {
  const MutexLock lock(mutex_);
  first_offset_ = first_offset;
  segments_ = std::move(segments);
}

void SegmentSet::Add(LogSegment segment) {
  const MutexLock lock(mutex_);
  segments_.push_back(std::move(segment));
}

void SegmentSet::Advance(const SegmentEnd& end, Timestamp last_timestamp) {
  const MutexLock lock(mutex_);
  segments_.back().end = end;
  segments_.back().last_timestamp = last_timestamp;
}

std::vector<std::shared_ptr<Segment>> SegmentSet::TrimTo(Offset first_offset) {
  std::vector<std::shared_ptr<Segment>> taken;
  const MutexLock lock(mutex_);
  const Offset first = std::max(first_offset_, first_offset);
  first_offset_ = first;
  const auto kept =
      std::find_if(segments_.begin(), segments_.end() - 1,
                   [&](const LogSegment& segment) { return segment.end.offset > first; });
  for (auto each = segments_.begin(); each != kept; ++each)
    taken.push_back(std::move(each->segment));
  segments_.erase(segments_.begin(), kept);
  return taken;
}

bool SegmentSet::empty() const {
  const MutexLock lock(mutex_);
  return segments_.empty();
}

SegmentSet::Extent SegmentSet::extent() const {
  const MutexLock lock(mutex_);
  Extent extent{first_offset_, segments_.back().end.offset, 0, segments_.size()};
  for (const LogSegment& segment : segments_) extent.bytes += segment.end.position;
  return extent;
}

LogSegment SegmentSet::last() const {
  const MutexLock lock(mutex_);
  return segments_.back();
}

std::vector<LogSegment> SegmentSet::segments() const {
  const MutexLock lock(mutex_);
  return segments_;
}

// The segment that `next`, which a read from `from` has come to, is in; none at the log's end.
Result<std::optional<LogSegment>> SegmentSet::Find(Offset from, Offset next,
                                                   log::Page& page) const {
  const MutexLock lock(mutex_);
  page.first_offset = first_offset_;
  page.end = segments_.back().end.offset;
  if (from > page.end) return log::BeyondEnd(from, page.end);
  if (from < first_offset_) return log::Trimmed(from, first_offset_);
  if (next == page.end) return std::optional<LogSegment>();
  const auto behind = std::upper_bound(segments_.begin(), segments_.end(), next,
                                       [](Offset wanted, const LogSegment& segment) {
                                         return wanted < segment.segment->header().first_offset;
                                       });
  return std::optional(*std::prev(behind));
}

Result<log::Page> SegmentSet::Read(Offset from, const log::ReadLimits& limits) const {
  PageBuilder builder(limits);
  log::Page extent;
  for (Offset next = from; !builder.full();) {
    const Result<std::optional<LogSegment>> source = Find(from, next, extent);
    if (!source.ok()) return source.status();
    if (!*source) break;
    const SegmentEnd& end = (*source)->end;
    if (Status status = ReadRecords(*(*source)->segment, end, next, builder); !status.ok()) {
      // A file that was taken away meanwhile cannot be opened.
      const Result<std::optional<LogSegment>> again = Find(from, next, extent);
      return again.ok() ? status : again.status();
    }
    next = end.offset;
  }
  log::Page page = std::move(builder).Take();
  page.first_offset = extent.first_offset;
  page.end = extent.end;
  return page;
}

}  // namespace daybook::disk
