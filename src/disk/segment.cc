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

namespace {

// Goes over at most `records_max` records at the front of `rest`; returns how many were there.
std::uint64_t SkipRecords(std::string_view& rest, std::uint64_t records_max) {
  std::uint64_t records = 0;
  for (; !rest.empty() && records < records_max; ++records) {
    log::RecordView skipped;
    const std::size_t bytes = DecodeRecord(rest, skipped);
    if (bytes == 0) break;
    rest.remove_prefix(bytes);
  }
  return records;
}

}  // namespace

// More than a client is given in one page; whoever wants all has a vector that grows.
constexpr std::uint64_t kRoomRecordsMax = 16'384;

// For the records before `end`, if all are about as large as those of the frame, which is the
// first: a vector that grows has to be copied.
void PageBuilder::MakeRoom(const FrameHeader& header, std::uint64_t body_bytes, Offset from,
                           Offset end) {
  const Offset begin = std::max(from, header.first_offset);
  const std::uint64_t records = begin < end ? end - begin : 0;
  const std::uint64_t record_bytes =
      std::max<std::uint64_t>(body_bytes / std::max(header.record_count, 1U), kRecordHeaderBytes);
  page_.records.reserve(
      std::min({limits_.records_max, records, bytes_left() / record_bytes + 1, kRoomRecordsMax}));
}

// Where a record begins is known only from the one before it, so that each waits for the cache; but
// records stand where they would if they were alike, or near by.
constexpr std::size_t kPrefetchedRecords = 6;

bool PageBuilder::Add(const FrameHeader& header, std::string_view body,
                      std::shared_ptr<const void> window, Offset from, Offset end) {
  if (page_.records.empty()) MakeRoom(header, body.size(), from, end);
  if (windows_.empty() || windows_.back() != window) windows_.push_back(std::move(window));
  const AppendBodyReader reader(body);
  std::string_view rest = reader.rest();
  const std::uint64_t before = from > header.first_offset ? from - header.first_offset : 0;
  std::uint64_t records = SkipRecords(rest, before);
  if (records == before && !full())
    records += AddRecords(rest, header.first_offset + before, header.timestamp);
  // What the page has no room for must be right, too.
  if (full()) records += SkipRecords(rest, UINT64_MAX);
  return rest.empty() && records == header.record_count;
}

// Adds the records at the front of `body` while they are ones, and the page has room; returns how
// many, and leaves the rest in `body`. Most of what a page costs beside its bytes is here, so that
// what changes from record to record is in locals, which no store into a record can alter.
std::uint64_t PageBuilder::AddRecords(std::string_view& body, Offset offset, Timestamp timestamp) {
  std::vector<log::RecordView>& records = page_.records;
  const std::uint64_t room = records_left();
  std::string_view rest = body;
  std::uint64_t page_bytes = page_.bytes;
  std::uint64_t added = 0;
  for (; !rest.empty() && added < room; ++added) {
    log::RecordView& record = records.emplace_back();
    const std::size_t record_bytes = DecodeRecord(rest, record);
    __builtin_prefetch(rest.data() + kPrefetchedRecords * record_bytes);
    const std::uint64_t bytes = page_bytes + log::PayloadBytes(record);
    full_ = bytes > limits_.bytes_max && records.size() > 1;
    if (full_ || record_bytes == 0) {
      records.pop_back();
      break;
    }
    record.offset = offset + added;
    record.timestamp = timestamp;
    page_bytes = bytes;
    rest.remove_prefix(record_bytes);
  }
  page_.bytes = page_bytes;
  body = rest;
  return added;
}

bool PageBuilder::EndsBefore(const FrameHeader& frame) const {
  constexpr std::uint64_t kLargeBodyBytes = 64 << 10;
  const std::uint64_t payload_bytes =
      frame.body_bytes -
      std::min<std::uint64_t>(frame.body_bytes,
                              std::uint64_t{frame.record_count} * kRecordHeaderBytes);
  return frame.body_bytes >= kLargeBodyBytes && payload_bytes > bytes_left() &&
         bytes_left() <= limits_.bytes_max / 8 && !page_.records.empty();
}

log::Page PageBuilder::Take() && {
  page_.backing =
      std::make_shared<const std::vector<std::shared_ptr<const void>>>(std::move(windows_));
  return std::move(page_);
}

namespace {

constexpr std::uint64_t kPageWindowBytesMax = 1 << 20;

// What a page that begins with `from`, in or behind the frame at `begin`, should read at once.
std::uint64_t WindowBytes(const Segment& segment, const SegmentEnd& end, Offset from,
                          std::uint64_t begin, const PageBuilder& page) {
  const std::uint64_t records = std::min(page.records_left(), end.offset - from);
  const Offset last = records == 0 ? from : from + (records - 1);
  const std::uint64_t needed = segment.index().FindBehind(last).value_or(end.position) - begin;
  // More would be of records that the page has no room for.
  const std::uint64_t bytes_max =
      std::min(page.bytes_left(), kPageWindowBytesMax) + FrameReader::kWindowBytes;
  if (needed <= bytes_max) return needed;
  // Of a frame that does not end in the window what is read is of no use.
  const std::uint64_t whole = segment.index().FrameUpTo(begin + bytes_max);
  return whole > begin ? whole - begin : bytes_max;
}

}  // namespace

Status ReadRecords(const Segment& segment, const SegmentEnd& end, Offset from, PageBuilder& page) {
  const std::uint64_t begin = segment.index().Find(from);
  FrameReader reader(segment.file(), segment.header().salt, begin, end.position,
                     WindowBytes(segment, end, from, begin, page));
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
    if (frame.type == FrameType::kAppend && page.EndsBefore(frame)) {
      page.End();
      break;
    }
    if (frame.type == FrameType::kAppend && frame.first_offset + frame.record_count > from) {
      const Result<std::optional<std::string_view>> body = reader.Body(frame);
      if (!body.ok()) return body.status();
      if (!*body || !page.Add(frame, **body, reader.window(), from, end.offset))
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
