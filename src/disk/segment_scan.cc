#include "disk/segment_scan.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "disk/append_body.h"
#include "disk/frame_reader.h"

namespace daybook::disk {
namespace {

// A search reads little at first, for what is looked for may stand near.
constexpr std::size_t kFirstReadBytes = 64 << 10;
constexpr std::size_t kReadBytesMax = 1 << 20;

}  // namespace

bool IsWhole(const FrameHeader& frame, std::string_view body) {
  if (frame.type != FrameType::kAppend) return true;
  AppendBodyReader records(body);
  std::uint32_t count = 0;
  while (records.Next()) ++count;
  return records.complete() && count == frame.record_count;
}

Result<bool> OnlyZerosFrom(const File& file, std::uint64_t position, std::uint64_t size) {
  std::string bytes;
  for (std::size_t step = kFirstReadBytes; position < size; step = kReadBytesMax) {
    bytes.resize(std::min<std::uint64_t>(step, size - position));
    const Result<std::size_t> read = file.ReadAt(position, {bytes.data(), bytes.size()});
    if (!read.ok()) return read.status();
    if (*read == 0) break;
    // Each byte is as the one before it, and the first is zero.
    if (bytes[0] != '\0' || std::memcmp(bytes.data(), bytes.data() + 1, *read - 1) != 0)
      return false;
    position += *read;
  }
  return true;
}

Result<std::optional<FoundHeader>> FindHeader(const File& file, const FramePlace& begin,
                                              std::uint64_t size,
                                              const std::function<bool(const FrameHeader&)>& fits) {
  std::string bytes;
  std::uint64_t position = begin.position;
  for (std::size_t step = kFirstReadBytes; position < size; step = kReadBytesMax) {
    bytes.resize(std::min<std::uint64_t>(step + kFrameHeaderBytes, size - position));
    const Result<std::size_t> read = file.ReadAt(position, {bytes.data(), bytes.size()});
    if (!read.ok()) return read.status();
    for (std::size_t at = 0; at < step && at + kFrameHeaderBytes <= *read; at += kFrameAlignment) {
      const auto header =
          DecodeFrameHeader(bytes.data() + at, {begin.salt, position + at, begin.kind});
      if (header && fits(*header)) return std::optional(FoundHeader{position + at, *header});
    }
    position += step;
  }
  return std::optional<FoundHeader>();
}

Result<std::optional<std::uint64_t>> ProofAgainst(const File& file, const FramePlace& place,
                                                  std::uint64_t size) {
  const auto found = FindHeader(file, place, size, [&place](const FrameHeader& header) {
    return header.durable_position > place.position;
  });
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<std::uint64_t>();
  return std::optional((*found)->position);
}

Result<std::optional<SegmentScan>> SegmentScanner::FromMark(std::uint64_t end) const {
  if (end > size_ || end < kSegmentHeaderBytes + kFrameHeaderBytes)
    return std::optional<SegmentScan>();
  const std::uint64_t position = end - kFrameHeaderBytes;
  std::array<char, kFrameHeaderBytes> bytes;
  const Result<std::size_t> read = segment_.file().ReadAt(position, bytes);
  if (!read.ok()) return read.status();
  const auto mark = DecodeFrameHeader(bytes.data(), {segment_.header().salt, position});
  if (*read < bytes.size() || !mark || mark->type != FrameType::kMark || !FitsSegment(*mark))
    return std::optional<SegmentScan>();
  return std::optional(SegmentScan{
      {end, mark->first_offset}, mark->durable_position, mark->timestamp, true, mark->seal});
}

bool SegmentScanner::FitsSegment(const FrameHeader& frame) const {
  const Offset first_offset = segment_.header().first_offset;
  if (frame.first_offset < first_offset) return false;
  const std::uint64_t records = frame.first_offset - first_offset;
  return records <= UINT32_MAX && records + frame.record_count <= UINT32_MAX;
}

Result<SegmentScan> SegmentScanner::Walk(SegmentScan scan) {
  FrameReader reader(segment_.file(), segment_.header().salt, scan.end.position, size_);
  while (!scan.sealed) {
    const Result<std::optional<FrameHeader>> header = reader.Header();
    if (!header.ok()) return header.status();
    if (!*header) break;
    const FrameHeader& frame = **header;
    if (frame.first_offset != scan.end.offset) {
      return Damaged(segment_.file().path(), reader.position(),
                     "the frame begins with offset " + std::to_string(frame.first_offset.value) +
                         ", not " + std::to_string(scan.end.offset.value));
    }
    const Result<std::optional<std::string_view>> body = reader.Body(frame);
    if (!body.ok()) return body.status();
    if (!*body || !IsWhole(frame, **body) || !FitsSegment(frame)) break;
    segment_.index().Add(frame.first_offset, reader.position());
    scan.durable_position = std::max(scan.durable_position, frame.durable_position);
    scan.last_timestamp = frame.timestamp;
    scan.ends_with_mark = frame.type == FrameType::kMark;
    scan.sealed = frame.seal;
    reader.Skip(frame);
    scanned_bytes_.fetch_add(frame.frame_bytes(), std::memory_order_relaxed);
    scan.end = {reader.position(), frame.first_offset + frame.record_count};
  }
  return scan;
}

}  // namespace daybook::disk
