#include "disk/frame_walk.h"

#include <algorithm>
#include <utility>

#include "disk/segment_scan.h"

namespace daybook::disk {

FrameWalk::FrameWalk(const File& file, std::uint64_t salt, Offset first_offset, std::uint64_t size)
    : file_(file), salt_(salt), first_offset_(first_offset), size_(size), offset_(first_offset) {
  GoTo(std::min<std::uint64_t>(kSegmentHeaderBytes, size));
}

void FrameWalk::GoTo(std::uint64_t position) {
  position_ = position;
  reader_.emplace(file_, salt_, position, size_);
}

// A segment cannot hold more records than its index can say.
bool FrameWalk::IsPlausible(Offset offset) const {
  return offset >= first_offset_ && offset - first_offset_ <= UINT32_MAX;
}

// Of which the walk goes on at `end`. `next_offset`: of what follows, where that is known.
FrameWalk::Gap FrameWalk::GapUpTo(std::uint64_t end, std::string what, Offset next_offset) {
  Gap gap{position_, end, std::move(what), offset_, offset_};
  if (IsPlausible(next_offset)) gap.next_offset = std::max(offset_, next_offset);
  offset_ = gap.next_offset;
  GoTo(end);
  return gap;
}

Result<std::optional<FrameWalk::Step>> FrameWalk::Next() {
  const Result<std::optional<FrameHeader>> header = reader_->Header();
  if (!header.ok()) return header.status();
  if (!*header) return StepOverNoHeader();
  const FrameHeader& frame = **header;
  const Result<std::optional<std::string_view>> body = reader_->Body(frame);
  if (!body.ok()) return body.status();
  const std::uint64_t end = position_ + frame.frame_bytes();
  const Offset next_offset = frame.first_offset + frame.record_count;
  const bool whole = *body && IsWhole(frame, **body);
  const bool plausible = IsPlausible(frame.first_offset) && IsPlausible(next_offset);
  const bool misfit = frame.first_offset != offset_;
  if (whole && (misfit || !plausible)) {
    // Of those that are missing before it; or it is one that stood before.
    const bool ahead = frame.first_offset > offset_ && plausible;
    Gap gap = GapUpTo(ahead ? position_ : end,
                      "the frame begins with offset " + std::to_string(frame.first_offset.value) +
                          ", not " + std::to_string(offset_.value),
                      ahead ? frame.first_offset : offset_);
    gap.misfit = misfit;
    return std::optional<Step>(std::move(gap));
  }
  if (!whole) {
    Gap gap = GapUpTo(end, "the frame's body is not what was written", next_offset);
    gap.misfit = misfit;
    return std::optional<Step>(std::move(gap));
  }
  const Frame step{position_, frame, **body};
  reader_->Skip(frame);
  position_ = end;
  offset_ = next_offset;
  return std::optional<Step>(step);
}

Result<std::optional<FrameWalk::Step>> FrameWalk::StepOverNoHeader() {
  const Result<bool> zeros = OnlyZerosFrom(file_, position_, size_);
  if (!zeros.ok()) return zeros.status();
  if (*zeros) return std::optional<Step>();
  Result<std::optional<FoundHeader>> found = FindHeader(file_, {salt_, position_}, size_);
  if (!found.ok()) return found.status();
  std::string what = "there is no valid frame";
  std::optional<Offset> next_offset;
  if (*found && (*found)->position == position_) {
    what = "the file ends within the frame";
    next_offset = (*found)->header.first_offset + (*found)->header.record_count;
    found = FindHeader(file_, {salt_, position_ + kFrameAlignment}, size_);
    if (!found.ok()) return found.status();
  }
  if (*found && !next_offset) next_offset = (*found)->header.first_offset;
  return std::optional<Step>(
      GapUpTo(*found ? (*found)->position : size_, std::move(what), next_offset.value_or(offset_)));
}

Result<bool> FrameWalk::HasComeMeanwhile(const Gap& gap) {
  FrameWalk again(file_, salt_, first_offset_, size_);
  again.offset_ = gap.first_offset;
  again.GoTo(gap.position);
  const Result<std::optional<FrameHeader>> header = again.reader_->Header();
  if (!header.ok()) return header.status();
  if (!*header || (*header)->first_offset != gap.first_offset) return false;
  const Result<std::optional<std::string_view>> body = again.reader_->Body(**header);
  if (!body.ok()) return body.status();
  if (!*body || !IsWhole(**header, **body)) return false;
  offset_ = gap.first_offset;
  GoTo(gap.position);
  return true;
}

}  // namespace daybook::disk
