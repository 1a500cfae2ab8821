// SparseIndex leads from an offset to a position in one segment at or before which its frame
// begins.
//
// It has an entry for about every kIndexStrideBytes of frames, in 8 bytes. One thread adds, any may
// look up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "base/types.h"

namespace daybook::disk {

inline constexpr std::uint64_t kIndexStrideBytes = 8 << 10;

class SparseIndex {
 public:
  explicit SparseIndex(Offset first_offset) : first_offset_(first_offset) {}

  // A frame that begins with `offset` stands at `position`; both grow from call to call.
  void Add(Offset offset, std::uint64_t position);

  // The same, for a frame that must not be looked for from before.
  void AddAnchor(Offset offset, std::uint64_t position);

  // Where to begin to look for `offset`.
  std::uint64_t Find(Offset offset) const;
  // A position that the frame of `offset` does not reach beyond; none where only the segment's end
  // is known to be one.
  std::optional<std::uint64_t> FindBehind(Offset offset) const;

  // The last position up to `position` at which a frame is known to begin.
  std::uint64_t FrameUpTo(std::uint64_t position) const;

  // As the file beside a segment: bound to the segment by its salt, and to its state by `end`, the
  // position up to which it tells. FORMAT.md draws it.
  std::string Encode(std::uint64_t salt, std::uint64_t end) const;
  // Takes over what Encode() wrote and returns its `end`. kInvalidArgument: it is not of this
  // segment, or damaged.
  Result<std::uint64_t> Decode(std::string_view bytes, std::uint64_t salt);
  // The salt as it stands in such bytes, of which the rest may be damaged; none in too few.
  static std::optional<std::uint64_t> SaltIn(std::string_view bytes);

 private:
  struct Entry {
    std::uint32_t records;   // from the segment's first offset
    std::uint32_t position;  // in kFrameAlignment
  };

  // The first entry whose frame begins behind `offset`.
  std::vector<Entry>::const_iterator Behind(Offset offset) const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Of the last entry, or of the segment's first frame.
  std::uint64_t LastPosition() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddEntry(Offset offset, std::uint64_t position) EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Offset first_offset_;
  mutable Mutex mutex_;
  std::vector<Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace daybook::disk
