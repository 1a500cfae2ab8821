// What a log's retention means for its segments, which go as a whole, the oldest first. Pure
// functions.
#pragma once

#include <vector>

#include "base/types.h"
#include "disk/segment.h"
#include "log/log.h"

namespace daybook::disk {

// So many segments a log is to be made of at least, for what is kept to be near to what is wanted.
inline constexpr int kSegmentsKept = 8;
inline constexpr std::uint64_t kSegmentBytesMin = 64 << 10;

// How large a segment may become, where it may be `segment_bytes_max` in a log that keeps all.
std::uint64_t SegmentBytesMax(const log::Retention& retention, std::uint64_t segment_bytes_max);

// The offset that the log is to begin with. Its last segment, which is appended to, stays.
Offset FirstKept(const std::vector<LogSegment>& segments, const log::Retention& retention,
                 Timestamp now);

// Whether the last segment, of a log that begins with `first_offset`, is to be ended, so that it
// can go, now or in time. Never one without records.
bool IsToBeEnded(const LogSegment& last, Offset first_offset, const log::Retention& retention,
                 Timestamp now);

}  // namespace daybook::disk
