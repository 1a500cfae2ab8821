// FrameWalk goes over all of a segment's bytes and misses nothing: where no valid frame stands it
// says so and goes on at the next one.
//
// It changes nothing, and any number of walks may go over one file. The file may be appended to
// meanwhile: what is told then may be half of it. Used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"
#include "disk/frame_reader.h"

namespace daybook::disk {

class FrameWalk {
 public:
  // A valid frame.
  struct Frame {
    std::uint64_t position = 0;
    FrameHeader header;
    std::string_view body;  // valid until the next call

    Offset next_offset() const { return header.first_offset + header.record_count; }
  };

  // Bytes that are no valid frame, and are not the zeros behind the last one.
  struct Gap {
    std::uint64_t position = 0;
    std::uint64_t end = 0;  // where a valid header stands next, or the file's end
    std::string what;       // is wrong there
    // The records that are missing for it, as far as the headers there and behind tell.
    Offset first_offset;
    Offset next_offset;
    // A frame's valid header stands there, and its offset is not the one behind the frame before
    // it.
    bool misfit = false;
  };

  using Step = std::variant<Frame, Gap>;

  // Walks from the first frame of the segment whose records begin with `first_offset`. No byte at
  // or behind `size` is looked at. `file` must outlive the walk.
  FrameWalk(const File& file, std::uint64_t salt, Offset first_offset, std::uint64_t size);

  // What comes next; none at the end, behind which there are at most zeros. kIo: the file cannot be
  // read.
  Result<std::optional<Step>> Next();

  // Whether the frame that belongs at a gap's beginning has come to stand there since, because the
  // file is appended to. Then the walk goes on with it.
  Result<bool> HasComeMeanwhile(const Gap& gap);

  // Behind the last step.
  std::uint64_t position() const { return position_; }
  Offset offset() const { return offset_; }

 private:
  Result<std::optional<Step>> StepOverNoHeader();
  Gap GapUpTo(std::uint64_t end, std::string what, Offset next_offset);
  bool IsPlausible(Offset offset) const;
  void GoTo(std::uint64_t position);

  const File& file_;
  const std::uint64_t salt_;
  const Offset first_offset_;
  const std::uint64_t size_;
  std::optional<FrameReader> reader_;
  std::uint64_t position_ = kSegmentHeaderBytes;
  Offset offset_;
};

}  // namespace daybook::disk
