#include "disk/key_checkpoint.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "base/logging.h"
#include "disk/append_body.h"
#include "disk/frame_reader.h"
#include "disk/little_endian.h"
#include "disk/log_folder.h"
#include "disk/read_file.h"

namespace daybook::disk {
namespace {

// Of an entry, before its key.
constexpr std::size_t kFirstOffset = 0;
constexpr std::size_t kTimestamp = 8;
constexpr std::size_t kRecordCount = 16;
constexpr std::size_t kKeyBytes = 20;
constexpr std::size_t kReserved = 22;
constexpr std::size_t kDigest = 24;
constexpr std::size_t kEntryBytes = kDigest + kDigestBytes;

std::string Encode(const log::LogId& id, Offset end, const std::deque<log::KeyedAppend>& appends) {
  std::string entries;
  for (const log::KeyedAppend& append : appends) {
    char entry[kEntryBytes] = {};
    PutInteger(entry + kFirstOffset, append.first_offset.value);
    PutInteger(entry + kTimestamp, append.timestamp.milliseconds);
    PutInteger(entry + kRecordCount,
               static_cast<std::uint32_t>(append.next_offset - append.first_offset));
    PutInteger(entry + kKeyBytes, static_cast<std::uint16_t>(append.key.size()));
    std::copy(append.digest.begin(), append.digest.end(), entry + kDigest);
    entries.append(entry, sizeof entry).append(append.key);
  }
  return EncodeKeysHeader({id, end, entries}).append(entries);
}

struct Checkpoint {
  Offset end;
  std::vector<log::KeyedAppend> appends;
};

Result<Checkpoint> Decode(const log::LogId& id, std::string_view bytes) {
  const auto wrong = [](const char* what) { return Status(StatusCode::kInvalidArgument, what); };
  const Result<Keys> keys = DecodeKeys(bytes);
  if (!keys.ok()) return keys.status();
  if (keys->log != id) return wrong("it is of another log");
  Checkpoint checkpoint{keys->end, {}};
  for (std::string_view rest = keys->entries; !rest.empty();) {
    if (rest.size() < kEntryBytes) return wrong("it ends within an entry");
    const char* const entry = rest.data();
    const auto key_bytes = GetInteger<std::uint16_t>(entry + kKeyBytes);
    if (GetInteger<std::uint16_t>(entry + kReserved) != 0)
      return wrong("its reserved bytes are not zero");
    if (rest.size() - kEntryBytes < key_bytes) return wrong("it ends within a key");
    log::KeyedAppend& append = checkpoint.appends.emplace_back();
    append.key = rest.substr(kEntryBytes, key_bytes);
    std::copy_n(entry + kDigest, kDigestBytes, append.digest.begin());
    append.first_offset = Offset(GetInteger<std::uint64_t>(entry + kFirstOffset));
    append.next_offset = append.first_offset + GetInteger<std::uint32_t>(entry + kRecordCount);
    append.timestamp = Timestamp(GetInteger<std::int64_t>(entry + kTimestamp));
    rest.remove_prefix(kEntryBytes + key_bytes);
  }
  return checkpoint;
}

// Adds the keys of the segment's frames from offset `from` on. What is no valid frame ends it:
// reads will tell.
Status AddFromSegment(const LogSegment& segment, Offset from, Timestamp oldest,
                      log::IdempotencyWindow& window) {
  const Segment& file = *segment.segment;
  const Offset first = std::max(from, file.header().first_offset);
  FrameReader reader(file.file(), file.header().salt, file.index().Find(first),
                     segment.end.position);
  for (;;) {
    const Result<std::optional<FrameHeader>> header = reader.Header();
    if (!header.ok()) return header.status();
    if (!*header) return {};
    const FrameHeader& frame = **header;
    if (frame.type == FrameType::kAppend && frame.first_offset >= from &&
        frame.timestamp > oldest) {
      const Result<std::optional<std::string_view>> body = reader.Body(frame);
      if (!body.ok()) return body.status();
      if (!*body) return {};
      if (const auto idempotency = AppendBodyReader(**body).idempotency()) {
        log::KeyedAppend append;
        append.key = idempotency->key;
        std::copy_n(idempotency->digest.begin(), kDigestBytes, append.digest.begin());
        append.first_offset = frame.first_offset;
        append.next_offset = frame.first_offset + frame.record_count;
        append.timestamp = frame.timestamp;
        window.Add(std::move(append));
      }
    }
    reader.Skip(frame);
  }
}

}  // namespace

Status SaveWindow(FileSystem& files, const std::string& folder, const log::LogId& id,
                  const log::IdempotencyWindow& window, Offset end) {
  return ReplaceFile(files, folder, kKeysName, Encode(id, end, window.appends()));
}

Result<std::optional<Offset>> RestoreWindow(FileSystem& files, const std::string& folder,
                                            const log::LogId& id,
                                            const std::vector<LogSegment>& segments, Timestamp now,
                                            log::IdempotencyWindow& window) {
  const Timestamp oldest(now.milliseconds - window.limits().window.count());
  const std::string path = std::string(folder).append("/").append(kKeysName);
  std::optional<Offset> covered = Offset();  // none: the file is not valid
  if (const Result<std::string> bytes = ReadFile(files, path, kKeysBytesMax); bytes.ok()) {
    Result<Checkpoint> checkpoint = Decode(id, *bytes);
    if (!checkpoint.ok()) {
      covered.reset();
      logging::Error("idempotency keys of appends that were trimmed are forgotten",
                     {{"file", path}, {"reason", checkpoint.status().message()}});
    } else {
      covered = checkpoint->end;
      for (log::KeyedAppend& append : checkpoint->appends) {
        if (append.timestamp > oldest && append.next_offset <= segments.back().end.offset)
          window.Add(std::move(append));
      }
    }
  } else if (bytes.status().code() != StatusCode::kNotFound) {
    return bytes.status();
  }
  const Offset from = covered.value_or(Offset());
  for (const LogSegment& segment : segments) {
    if (segment.end.offset <= from || segment.last_timestamp <= oldest) continue;
    if (Status status = AddFromSegment(segment, from, oldest, window); !status.ok()) return status;
  }
  return covered;
}

}  // namespace daybook::disk
