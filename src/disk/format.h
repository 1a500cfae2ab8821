// The disk format, as FORMAT.md beside this file draws it: headers of segments and frames, as bytes
// and back. Pure functions, but for RandomSalt(); nothing here reads or writes a file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/types.h"
#include "log/log_id.h"

namespace daybook::disk {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kSegmentHeaderBytes = 4096;
inline constexpr std::size_t kFrameHeaderBytes = 56;
inline constexpr std::size_t kFrameAlignment = 8;
inline constexpr std::size_t kMetaBytes = 64;
inline constexpr std::size_t kKeysHeaderBytes = 64;

// Both are headers and frames; a journal has frames of its own type, and none of a segment's.
enum class FileKind : std::uint8_t { kSegment, kJournal };

struct SegmentHeader {
  log::LogId log;       // of a journal: the catalogue's
  Offset first_offset;  // of a journal: how many came before it
  Timestamp created;
  std::uint64_t salt = 0;  // random: seeds the checksums of this segment's frames
};

// Of the machine's randomness.
std::uint64_t RandomSalt();

std::string EncodeSegmentHeader(const SegmentHeader& header, FileKind kind = FileKind::kSegment);
// kInvalidArgument says what is wrong with it, and of a later version that it is one.
Result<SegmentHeader> DecodeSegmentHeader(std::string_view bytes,
                                          FileKind kind = FileKind::kSegment);

// Whether the bytes are the whole header of a segment, or of meta, that a later version wrote.
bool IsOfLaterVersion(std::string_view bytes);

// The salt as it stands in a segment's header, of which the rest may be damaged. Of 4,096 bytes.
std::uint64_t SaltIn(std::string_view header);
// Whether such a header has the id of another log, and not this one's with some damage.
bool IsOfAnotherLog(std::string_view header, const log::LogId& log);

// What stands beside a log's segments.
struct Meta {
  log::LogId log;
  Offset first_offset;  // of the log; what lies before is gone
};

std::string EncodeMeta(const Meta& meta);
Result<Meta> DecodeMeta(std::string_view bytes);

// The file of the idempotency keys that are remembered.
struct Keys {
  log::LogId log;
  Offset end;                // of the log, as far as the file tells
  std::string_view entries;  // which key_checkpoint.h reads and writes
};

// What stands before the entries.
std::string EncodeKeysHeader(const Keys& keys);
// Of the whole file, which the entries point into.
Result<Keys> DecodeKeys(std::string_view bytes);

enum class FrameType : std::uint8_t {
  kAppend = 1,
  kMark = 2,     // no body: its durable_position is its own
  kJournal = 3,  // frames that belong to segments
  kLost = 4,     // no body: a repair gave its records up
};

struct FrameHeader {
  FrameType type = FrameType::kAppend;
  bool seal = false;  // of a mark: the last frame of its segment
  std::uint32_t body_bytes = 0;
  std::uint32_t record_count = 0;
  Offset first_offset;
  Timestamp timestamp;
  std::uint64_t durable_position = 0;  // bytes of this file that were durable when it was written
  std::uint64_t body_checksum = 0;

  // With header and padding.
  std::uint64_t frame_bytes() const;
};

// Where a frame stands, which its checksums are bound to: the segment's salt and a position in it.
struct FramePlace {
  std::uint64_t salt = 0;
  std::uint64_t position = 0;
  FileKind kind = FileKind::kSegment;
};

// Writes kFrameHeaderBytes to `out`.
void EncodeFrameHeader(const FrameHeader& header, const FramePlace& place, char* out);
// What the bytes, of which there are kFrameHeaderBytes, say if they are a header, wherever it
// stood.
FrameHeader ReadFrameHeader(const char* bytes);
// None where they are no valid header for this place.
std::optional<FrameHeader> DecodeFrameHeader(const char* bytes, const FramePlace& place);

std::uint64_t BodyChecksum(std::string_view body, const FramePlace& place);

// Behind the name of a file or folder that is being made.
inline constexpr std::string_view kTemporarySuffix = ".tmp";

// Behind the name of a segment: the copy of a torn tail that was cut off it.
inline constexpr std::string_view kTornSuffix = ".torn";

// "00000000000000000007.journal"
std::string JournalName(Offset number);
std::optional<Offset> ParseJournalName(std::string_view name);

// "00000000000000000042.log"
std::string SegmentName(Offset first_offset);
std::optional<Offset> ParseSegmentName(std::string_view name);
// "00000000000000000042.index"
std::string IndexName(Offset first_offset);
// Of an index or a torn tail: the first offset of the segment that it belongs to.
std::optional<Offset> ParseNameBesideSegment(std::string_view name);

}  // namespace daybook::disk
