// How a segment's bytes are searched: its valid frames one behind the other, and, where none is,
// what else there may be. FORMAT.md has the rules ("Where a segment ends").
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"
#include "disk/segment.h"

namespace daybook::disk {

// Whether the body is made of what the frame's header says.
bool IsWhole(const FrameHeader& frame, std::string_view body);

// Whether everything from `position` to `size` is zero, as room that no frame was written to.
Result<bool> OnlyZerosFrom(const File& file, std::uint64_t position, std::uint64_t size);

struct FoundHeader {
  std::uint64_t position = 0;
  FrameHeader header;
};

// The first place from `begin` on, in steps of kFrameAlignment, with a header that `fits` and is
// valid but for rule 5: its frame need not end by `size`.
Result<std::optional<FoundHeader>> FindHeader(
    const File& file, const FramePlace& begin, std::uint64_t size,
    const std::function<bool(const FrameHeader&)>& fits = [](const FrameHeader&) { return true; });

// The position of a later frame that proves that what stands at `place` had been durable.
Result<std::optional<std::uint64_t>> ProofAgainst(const File& file, const FramePlace& place,
                                                  std::uint64_t size);

// What a walk over a segment's frames found.
struct SegmentScan {
  SegmentEnd end;                                        // behind the last valid frame
  std::uint64_t durable_position = kSegmentHeaderBytes;  // that a frame tells of
  std::optional<Timestamp> last_timestamp;
  bool ends_with_mark = false;
  bool sealed = false;
  std::uint64_t proven_position = 0;  // before which the index says that all was durable
};

// The scan that recovery makes, which ends where the frames do. Used by one thread.
class SegmentScanner {
 public:
  // `size`: the file's. Both others outlive the scanner.
  SegmentScanner(Segment& segment, std::uint64_t size, std::atomic<std::uint64_t>& scanned_bytes)
      : segment_(segment), size_(size), scanned_bytes_(scanned_bytes) {}

  // What the mark tells that ends at `end`; none where there is no such mark.
  Result<std::optional<SegmentScan>> FromMark(std::uint64_t end) const;

  // Walks over the frames from where `scan` has come to, up to the first place where none is valid,
  // and fills the index.
  Result<SegmentScan> Walk(SegmentScan scan);

 private:
  // Rule 9: the index can say where it stands.
  bool FitsSegment(const FrameHeader& frame) const;

  Segment& segment_;
  const std::uint64_t size_;
  std::atomic<std::uint64_t>& scanned_bytes_;
};

}  // namespace daybook::disk
