#include "disk/retention.h"

#include <algorithm>
#include <chrono>

namespace daybook::disk {
namespace {

using std::chrono::milliseconds;

milliseconds Since(Timestamp then, Timestamp now) {
  return milliseconds(now.milliseconds - then.milliseconds);
}

bool IsTooOld(const LogSegment& segment, const log::Retention& retention, Timestamp now) {
  return retention.max_age && Since(segment.last_timestamp, now) > *retention.max_age;
}

}  // namespace

std::uint64_t SegmentBytesMax(const log::Retention& retention, std::uint64_t segment_bytes_max) {
  if (!retention.max_bytes) return segment_bytes_max;
  return std::min(segment_bytes_max,
                  std::max(*retention.max_bytes / kSegmentsKept, kSegmentBytesMin));
}

Offset FirstKept(const std::vector<LogSegment>& segments, const log::Retention& retention,
                 Timestamp now) {
  std::uint64_t bytes = 0;
  for (const LogSegment& segment : segments) bytes += segment.end.position;
  auto kept = segments.begin();
  for (; kept != segments.end() - 1; ++kept) {
    const bool too_many = retention.max_bytes && bytes > *retention.max_bytes;
    if (!too_many && !IsTooOld(*kept, retention, now)) break;
    bytes -= kept->end.position;
  }
  return kept->segment->header().first_offset;
}

bool IsToBeEnded(const LogSegment& last, Offset first_offset, const log::Retention& retention,
                 Timestamp now) {
  if (last.end.offset == last.segment->header().first_offset) return false;
  if (last.end.offset <= first_offset || IsTooOld(last, retention, now)) return true;
  if (!retention.max_age) return false;
  const auto age_max = std::max(*retention.max_age / kSegmentsKept, milliseconds(1'000));
  return Since(last.segment->header().created, now) > age_max;
}

}  // namespace daybook::disk
