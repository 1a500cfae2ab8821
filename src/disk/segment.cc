#include "disk/segment.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "disk/append_body.h"
#include "disk/frame_reader.h"

namespace daybook::disk {

Status Damaged(const std::string& path, std::uint64_t position, const std::string& what) {
  return {StatusCode::kDamaged, path + ", position " + std::to_string(position) + ": " + what};
}

Status Lost(Offset from, Offset next_offset) {
  return {StatusCode::kLost,
          "offset " + std::to_string(from.value) +
              " is lost: a repair gave the records up to offset " +
              std::to_string(next_offset.value - 1) + " up, which could not be read",
          next_offset};
}

bool PageBuilder::Add(const FrameHeader& header, std::string_view body, Offset from) {
  const std::string& own = *bodies_->emplace_back(std::make_unique<std::string>(body));
  AppendBodyReader reader(own);
  Offset offset = header.first_offset;
  for (; auto record = reader.Next(); offset = offset + 1) {
    if (offset < from || full()) continue;
    const std::uint64_t payload_bytes = log::PayloadBytes(*record);
    full_ = page_.bytes + payload_bytes > limits_.bytes_max && !page_.records.empty();
    if (full_) continue;
    page_.bytes += payload_bytes;
    record->offset = offset;
    record->timestamp = header.timestamp;
    page_.records.push_back(std::move(*record));
  }
  return reader.complete() && offset - header.first_offset == header.record_count;
}

log::Page PageBuilder::Take() && {
  page_.backing = std::move(bodies_);
  return std::move(page_);
}

Status ReadRecords(const Segment& segment, const SegmentEnd& end, Offset from, PageBuilder& page) {
  FrameReader reader(segment.file(), segment.header().salt, segment.index().Find(from),
                     end.position);
  std::optional<Offset> expected;  // of the next frame; the first begins at or before `from`
  while (!page.full() && reader.position() < end.position) {
    const Result<std::optional<FrameHeader>> header = reader.Header();
    if (!header.ok()) return header.status();
    if (!*header)
      return Damaged(segment.file().path(), reader.position(), "there is no valid frame");
    const FrameHeader& frame = **header;
    if (frame.first_offset != expected.value_or(std::min(from, frame.first_offset))) {
      return Damaged(segment.file().path(), reader.position(),
                     "the frame begins with another offset than the one before it ends with");
    }
    expected = frame.first_offset + frame.record_count;
    if (frame.type == FrameType::kLost && *expected > from) {
      if (page.empty()) return Lost(from, *expected);
      page.End();
      break;
    }
    if (frame.type == FrameType::kAppend && frame.first_offset + frame.record_count > from) {
      const Result<std::optional<std::string_view>> body = reader.Body(frame);
      if (!body.ok()) return body.status();
      if (!*body || !page.Add(frame, **body, from))
        return Damaged(segment.file().path(), reader.position(),
                       "the frame's body is not what was written");
    }
    reader.Skip(frame);
  }
  if (!page.full() && expected.value_or(segment.header().first_offset) != end.offset) {
    return Damaged(segment.file().path(), reader.position(),
                   "its frames do not end with the offset that they should");
  }
  return {};
}

}  // namespace daybook::disk
