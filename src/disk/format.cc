#include "disk/format.h"

#include <xxhash.h>
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>  // the same functions, with the widest vectors that the CPU has
#endif

#include <algorithm>
#include <charconv>
#include <cstring>
#include <random>

#include "disk/little_endian.h"

namespace daybook::disk {
namespace {

constexpr std::string_view kSegmentMagic("daybook\x1A", 8);
constexpr std::string_view kMetaMagic("daymeta\x1A", 8);
constexpr std::string_view kKeysMagic("daykeys\x1A", 8);
constexpr std::string_view kJournalMagic("dayjrnl\x1A", 8);
constexpr std::string_view kSegmentSuffix = ".log";
constexpr std::string_view kJournalSuffix = ".journal";
constexpr std::string_view kIndexSuffix = ".index";
constexpr std::size_t kNameDigits = 20;
constexpr std::uint8_t kSealFlag = 1;

// Positions of the fields; FORMAT.md says what they mean.
namespace segment {
constexpr std::size_t kVersion = 8;
constexpr std::size_t kIncompatible = 12;
constexpr std::size_t kLog = 16;
constexpr std::size_t kFirstOffset = 32;
constexpr std::size_t kCreated = 40;
constexpr std::size_t kSalt = 48;
constexpr std::size_t kChecksum = 56;
}  // namespace segment

namespace meta {
constexpr std::size_t kVersion = 8;
constexpr std::size_t kIncompatible = 12;
constexpr std::size_t kLog = 16;
constexpr std::size_t kFirstOffset = 32;
constexpr std::size_t kReserved = 40;
constexpr std::size_t kChecksum = 56;
}  // namespace meta

namespace keys {
constexpr std::size_t kEnd = 32;
constexpr std::size_t kReserved = 40;
constexpr std::size_t kEntriesChecksum = 48;
}  // namespace keys

namespace frame {
constexpr std::size_t kHeaderChecksum = 0;
constexpr std::size_t kBodyChecksum = 8;
constexpr std::size_t kBodyBytes = 16;
constexpr std::size_t kRecordCount = 20;
constexpr std::size_t kFirstOffset = 24;
constexpr std::size_t kTimestamp = 32;
constexpr std::size_t kDurablePosition = 40;
constexpr std::size_t kType = 48;
constexpr std::size_t kFlags = 49;
constexpr std::size_t kReserved = 50;
}  // namespace frame

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

std::uint64_t Seed(const FramePlace& place) { return place.salt ^ place.position; }

std::uint64_t HeaderChecksum(const char* bytes, const FramePlace& place) {
  return XXH3_64bits_withSeed(bytes + frame::kBodyChecksum,
                              kFrameHeaderBytes - frame::kBodyChecksum, Seed(place));
}

// What the headers of both kinds of file begin with, and end with: a checksum over all before it.
Status CheckFileHeader(std::string_view bytes, std::string_view magic) {
  const auto wrong = [](std::string reason) {
    return Status(StatusCode::kInvalidArgument, std::move(reason));
  };
  if (bytes.substr(0, magic.size()) != magic) return wrong("it does not begin as such a file does");
  const auto version = GetInteger<std::uint32_t>(bytes.data() + segment::kVersion);
  if (version != kFormatVersion) {
    return wrong("its format has version " + std::to_string(version) + "; this program reads " +
                 std::to_string(kFormatVersion));
  }
  if (const auto checksum = XXH3_64bits(bytes.data(), segment::kChecksum);
      checksum != GetInteger<std::uint64_t>(bytes.data() + segment::kChecksum)) {
    return wrong("its header's checksum is wrong");
  }
  if (GetInteger<std::uint32_t>(bytes.data() + segment::kIncompatible) != 0)
    return wrong("it was written with features that this program does not have");
  return {};
}

void BeginFileHeader(std::string& bytes, std::string_view magic, const log::LogId& log) {
  std::copy(magic.begin(), magic.end(), bytes.begin());
  PutInteger(bytes.data() + segment::kVersion, kFormatVersion);
  std::memcpy(bytes.data() + segment::kLog, log.bytes.data(), log.bytes.size());
}

void EndFileHeader(std::string& bytes) {
  PutInteger<std::uint64_t>(bytes.data() + segment::kChecksum,
                            XXH3_64bits(bytes.data(), segment::kChecksum));
}

log::LogId LogIn(std::string_view bytes) {
  log::LogId log;
  std::memcpy(log.bytes.data(), bytes.data() + segment::kLog, log.bytes.size());
  return log;
}

std::string Name(Offset first_offset, std::string_view suffix) {
  const std::string digits = std::to_string(first_offset.value);
  return std::string(kNameDigits - digits.size(), '0').append(digits).append(suffix);
}

std::optional<Offset> ParseName(std::string_view name, std::string_view suffix) {
  if (name.size() != kNameDigits + suffix.size() || name.substr(kNameDigits) != suffix)
    return std::nullopt;
  Offset offset;
  const char* const digits_end = name.data() + kNameDigits;
  const auto [end, error] = std::from_chars(name.data(), digits_end, offset.value);
  if (error != std::errc() || end != digits_end) return std::nullopt;
  return offset;
}

std::string_view MagicOf(FileKind kind) {
  return kind == FileKind::kJournal ? kJournalMagic : kSegmentMagic;
}

// Rule 3, apart from reserved bytes.
bool HasItsTypesShape(const FrameHeader& header, std::uint8_t flags, FileKind kind) {
  if ((header.type == FrameType::kJournal) != (kind == FileKind::kJournal)) return false;
  switch (header.type) {
    case FrameType::kAppend:
    case FrameType::kJournal:
      return header.record_count > 0 && flags == 0;
    case FrameType::kMark:
      return header.body_bytes == 0 && header.record_count == 0 && flags <= kSealFlag;
    case FrameType::kLost:
      return header.body_bytes == 0 && header.record_count > 0 && flags == 0;
  }
  return false;
}

static_assert(segment::kVersion == meta::kVersion &&
              segment::kIncompatible == meta::kIncompatible && segment::kLog == meta::kLog &&
              segment::kChecksum == meta::kChecksum);

}  // namespace

std::uint64_t RandomSalt() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

std::string EncodeSegmentHeader(const SegmentHeader& header, FileKind kind) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  BeginFileHeader(bytes, MagicOf(kind), header.log);
  PutInteger(bytes.data() + segment::kFirstOffset, header.first_offset.value);
  PutInteger(bytes.data() + segment::kCreated, header.created.milliseconds);
  PutInteger(bytes.data() + segment::kSalt, header.salt);
  EndFileHeader(bytes);
  return bytes;
}

Result<SegmentHeader> DecodeSegmentHeader(std::string_view bytes, FileKind kind) {
  if (bytes.size() < kSegmentHeaderBytes)
    return Status(StatusCode::kInvalidArgument, "it is shorter than a segment's header");
  bytes = bytes.substr(0, kSegmentHeaderBytes);
  if (Status status = CheckFileHeader(bytes, MagicOf(kind)); !status.ok()) return status;
  if (!AllZero(bytes.substr(segment::kChecksum + sizeof(std::uint64_t))))
    return Status(StatusCode::kInvalidArgument, "its header is not filled up with zeros");
  return SegmentHeader{LogIn(bytes),
                       Offset(GetInteger<std::uint64_t>(bytes.data() + segment::kFirstOffset)),
                       Timestamp(GetInteger<std::int64_t>(bytes.data() + segment::kCreated)),
                       GetInteger<std::uint64_t>(bytes.data() + segment::kSalt)};
}

bool IsOfLaterVersion(std::string_view bytes) {
  if (bytes.size() < kMetaBytes) return false;
  const std::string_view magic = bytes.substr(0, kSegmentMagic.size());
  if (magic != kSegmentMagic && magic != kMetaMagic && magic != kJournalMagic) return false;
  const bool later =
      GetInteger<std::uint32_t>(bytes.data() + segment::kVersion) != kFormatVersion ||
      GetInteger<std::uint32_t>(bytes.data() + segment::kIncompatible) != 0;
  return later && XXH3_64bits(bytes.data(), segment::kChecksum) ==
                      GetInteger<std::uint64_t>(bytes.data() + segment::kChecksum);
}

std::uint64_t SaltIn(std::string_view header) {
  return GetInteger<std::uint64_t>(header.data() + segment::kSalt);
}

bool IsOfAnotherLog(std::string_view header, const log::LogId& log) {
  const log::LogId found = LogIn(header);
  std::size_t equal = 0;
  for (std::size_t i = 0; i < log.bytes.size(); ++i)
    equal += found.bytes[i] == log.bytes[i] ? 1 : 0;
  return equal < log.bytes.size() / 2;
}

std::string EncodeMeta(const Meta& meta) {
  std::string bytes(kMetaBytes, '\0');
  BeginFileHeader(bytes, kMetaMagic, meta.log);
  PutInteger(bytes.data() + meta::kFirstOffset, meta.first_offset.value);
  EndFileHeader(bytes);
  return bytes;
}

Result<Meta> DecodeMeta(std::string_view bytes) {
  if (bytes.size() != kMetaBytes) {
    return Status(StatusCode::kInvalidArgument, "it has " + std::to_string(bytes.size()) +
                                                    " bytes, not " + std::to_string(kMetaBytes));
  }
  if (Status status = CheckFileHeader(bytes, kMetaMagic); !status.ok()) return status;
  if (!AllZero(bytes.substr(meta::kReserved, meta::kChecksum - meta::kReserved)))
    return Status(StatusCode::kInvalidArgument, "its reserved bytes are not zero");
  return Meta{LogIn(bytes), Offset(GetInteger<std::uint64_t>(bytes.data() + meta::kFirstOffset))};
}

std::string EncodeKeysHeader(const Keys& keys) {
  std::string bytes(kKeysHeaderBytes, '\0');
  BeginFileHeader(bytes, kKeysMagic, keys.log);
  PutInteger(bytes.data() + keys::kEnd, keys.end.value);
  PutInteger<std::uint64_t>(bytes.data() + keys::kEntriesChecksum,
                            XXH3_64bits(keys.entries.data(), keys.entries.size()));
  EndFileHeader(bytes);
  return bytes;
}

Result<Keys> DecodeKeys(std::string_view bytes) {
  const auto wrong = [](const char* what) { return Status(StatusCode::kInvalidArgument, what); };
  if (bytes.size() < kKeysHeaderBytes) return wrong("it is shorter than its header");
  if (Status status = CheckFileHeader(bytes, kKeysMagic); !status.ok()) return status;
  if (!AllZero(bytes.substr(keys::kReserved, keys::kEntriesChecksum - keys::kReserved)))
    return wrong("its reserved bytes are not zero");
  const std::string_view entries = bytes.substr(kKeysHeaderBytes);
  if (GetInteger<std::uint64_t>(bytes.data() + keys::kEntriesChecksum) !=
      XXH3_64bits(entries.data(), entries.size()))
    return wrong("its entries' checksum is wrong");
  return Keys{LogIn(bytes), Offset(GetInteger<std::uint64_t>(bytes.data() + keys::kEnd)), entries};
}

std::uint64_t FrameHeader::frame_bytes() const {
  const std::uint64_t bytes = kFrameHeaderBytes + std::uint64_t{body_bytes};
  return (bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

void EncodeFrameHeader(const FrameHeader& header, const FramePlace& place, char* out) {
  PutInteger(out + frame::kBodyChecksum, header.body_checksum);
  PutInteger(out + frame::kBodyBytes, header.body_bytes);
  PutInteger(out + frame::kRecordCount, header.record_count);
  PutInteger(out + frame::kFirstOffset, header.first_offset.value);
  PutInteger(out + frame::kTimestamp, header.timestamp.milliseconds);
  PutInteger(out + frame::kDurablePosition, header.durable_position);
  PutInteger(out + frame::kType, static_cast<std::uint8_t>(header.type));
  PutInteger<std::uint8_t>(out + frame::kFlags, header.seal ? kSealFlag : 0);
  std::memset(out + frame::kReserved, 0, kFrameHeaderBytes - frame::kReserved);
  PutInteger<std::uint64_t>(out + frame::kHeaderChecksum, HeaderChecksum(out, place));
}

FrameHeader ReadFrameHeader(const char* bytes) {
  FrameHeader header;
  header.type = static_cast<FrameType>(GetInteger<std::uint8_t>(bytes + frame::kType));
  header.seal = GetInteger<std::uint8_t>(bytes + frame::kFlags) == kSealFlag;
  header.body_checksum = GetInteger<std::uint64_t>(bytes + frame::kBodyChecksum);
  header.body_bytes = GetInteger<std::uint32_t>(bytes + frame::kBodyBytes);
  header.record_count = GetInteger<std::uint32_t>(bytes + frame::kRecordCount);
  header.first_offset = Offset(GetInteger<std::uint64_t>(bytes + frame::kFirstOffset));
  header.timestamp = Timestamp(GetInteger<std::int64_t>(bytes + frame::kTimestamp));
  header.durable_position = GetInteger<std::uint64_t>(bytes + frame::kDurablePosition);
  return header;
}

std::optional<FrameHeader> DecodeFrameHeader(const char* bytes, const FramePlace& place) {
  if (GetInteger<std::uint64_t>(bytes + frame::kHeaderChecksum) != HeaderChecksum(bytes, place))
    return std::nullopt;
  const FrameHeader header = ReadFrameHeader(bytes);
  const auto flags = GetInteger<std::uint8_t>(bytes + frame::kFlags);
  const bool shape = HasItsTypesShape(header, flags, place.kind);
  const bool durable =
      header.durable_position >= kSegmentHeaderBytes && header.durable_position <= place.position;
  const bool reserved = AllZero({bytes + frame::kReserved, kFrameHeaderBytes - frame::kReserved});
  if (!shape || !durable || !reserved) return std::nullopt;
  return header;
}

std::uint64_t BodyChecksum(std::string_view body, const FramePlace& place) {
  return XXH3_64bits_withSeed(body.data(), body.size(), Seed(place));
}

std::string SegmentName(Offset first_offset) { return Name(first_offset, kSegmentSuffix); }

std::string IndexName(Offset first_offset) { return Name(first_offset, kIndexSuffix); }

std::optional<Offset> ParseSegmentName(std::string_view name) {
  return ParseName(name, kSegmentSuffix);
}

std::string JournalName(Offset number) { return Name(number, kJournalSuffix); }

std::optional<Offset> ParseJournalName(std::string_view name) {
  return ParseName(name, kJournalSuffix);
}

std::optional<Offset> ParseNameBesideSegment(std::string_view name) {
  if (name.ends_with(kTornSuffix))
    return ParseSegmentName(name.substr(0, name.size() - kTornSuffix.size()));
  if (!name.ends_with(kIndexSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(0, name.size() - kIndexSuffix.size());
  return ParseSegmentName(std::string(digits).append(kSegmentSuffix));
}

}  // namespace daybook::disk
