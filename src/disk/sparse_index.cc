#include "disk/sparse_index.h"

#include <xxhash.h>

#include <algorithm>

#include "base/check.h"
#include "disk/format.h"
#include "disk/little_endian.h"

namespace daybook::disk {
namespace {

constexpr std::string_view kMagic("dayindx\x1A", 8);
constexpr std::size_t kVersion = 8;
constexpr std::size_t kCount = 12;
constexpr std::size_t kSalt = 16;
constexpr std::size_t kEnd = 24;
constexpr std::size_t kFirstOffset = 32;
constexpr std::size_t kChecksum = 40;
constexpr std::size_t kEntries = 48;
constexpr std::size_t kEntryBytes = 8;

std::uint64_t Checksum(std::string_view bytes) {
  // Of the header before it and of the entries behind it.
  return XXH3_64bits_withSeed(bytes.data() + kEntries, bytes.size() - kEntries,
                              XXH3_64bits(bytes.data(), kChecksum));
}

}  // namespace

std::uint64_t SparseIndex::LastPosition() const {
  if (entries_.empty()) return kSegmentHeaderBytes;
  return std::uint64_t{entries_.back().position} * kFrameAlignment;
}

void SparseIndex::Add(Offset offset, std::uint64_t position) {
  const MutexLock lock(mutex_);
  if (position >= LastPosition() + kIndexStrideBytes) AddEntry(offset, position);
}

void SparseIndex::AddAnchor(Offset offset, std::uint64_t position) {
  const MutexLock lock(mutex_);
  if (position > LastPosition()) AddEntry(offset, position);
}

void SparseIndex::AddEntry(Offset offset, std::uint64_t position) {
  const std::uint64_t records = offset - first_offset_;
  CHECK(records <= UINT32_MAX && position / kFrameAlignment <= UINT32_MAX,
        "a segment is larger than its index can say");
  entries_.push_back({static_cast<std::uint32_t>(records),
                      static_cast<std::uint32_t>(position / kFrameAlignment)});
}

std::vector<SparseIndex::Entry>::const_iterator SparseIndex::Behind(Offset offset) const {
  return std::upper_bound(
      entries_.begin(), entries_.end(), offset - first_offset_,
      [](std::uint64_t wanted, const Entry& entry) { return wanted < entry.records; });
}

std::optional<std::uint64_t> SparseIndex::FindBehind(Offset offset) const {
  const MutexLock lock(mutex_);
  const auto behind = Behind(offset);
  if (behind == entries_.end()) return std::nullopt;
  return std::uint64_t{behind->position} * kFrameAlignment;
}

std::uint64_t SparseIndex::Find(Offset offset) const {
  const MutexLock lock(mutex_);
  const auto behind = Behind(offset);
  if (behind == entries_.begin()) return kSegmentHeaderBytes;
  return std::uint64_t{std::prev(behind)->position} * kFrameAlignment;
}

std::uint64_t SparseIndex::FrameUpTo(std::uint64_t position) const {
  const MutexLock lock(mutex_);
  const auto behind = std::upper_bound(
      entries_.begin(), entries_.end(), position, [](std::uint64_t value, const Entry& entry) {
        return value < std::uint64_t{entry.position} * kFrameAlignment;
      });
  if (behind == entries_.begin()) return kSegmentHeaderBytes;
  return std::uint64_t{std::prev(behind)->position} * kFrameAlignment;
}

std::string SparseIndex::Encode(std::uint64_t salt, std::uint64_t end) const {
  const MutexLock lock(mutex_);
  std::string bytes(kEntries + entries_.size() * kEntryBytes, '\0');
  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  PutInteger(bytes.data() + kVersion, kFormatVersion);
  PutInteger(bytes.data() + kCount, static_cast<std::uint32_t>(entries_.size()));
  PutInteger(bytes.data() + kSalt, salt);
  PutInteger(bytes.data() + kEnd, end);
  PutInteger(bytes.data() + kFirstOffset, first_offset_.value);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    PutInteger(bytes.data() + kEntries + i * kEntryBytes, entries_[i].records);
    PutInteger(bytes.data() + kEntries + i * kEntryBytes + 4, entries_[i].position);
  }
  PutInteger(bytes.data() + kChecksum, Checksum(bytes));
  return bytes;
}

std::optional<std::uint64_t> SparseIndex::SaltIn(std::string_view bytes) {
  if (bytes.size() < kEntries) return std::nullopt;
  return GetInteger<std::uint64_t>(bytes.data() + kSalt);
}

Result<std::uint64_t> SparseIndex::Decode(std::string_view bytes, std::uint64_t salt) {
  const bool valid =
      bytes.size() >= kEntries && (bytes.size() - kEntries) % kEntryBytes == 0 &&
      bytes.substr(0, kMagic.size()) == kMagic &&
      GetInteger<std::uint32_t>(bytes.data() + kVersion) == kFormatVersion &&
      (bytes.size() - kEntries) / kEntryBytes == GetInteger<std::uint32_t>(bytes.data() + kCount) &&
      GetInteger<std::uint64_t>(bytes.data() + kChecksum) == Checksum(bytes) &&
      GetInteger<std::uint64_t>(bytes.data() + kSalt) == salt &&
      GetInteger<std::uint64_t>(bytes.data() + kFirstOffset) == first_offset_.value;
  if (!valid) return Status(StatusCode::kInvalidArgument, "the index is not of this segment");
  const MutexLock lock(mutex_);
  entries_.clear();
  for (std::size_t at = kEntries; at < bytes.size(); at += kEntryBytes) {
    entries_.push_back({GetInteger<std::uint32_t>(bytes.data() + at),
                        GetInteger<std::uint32_t>(bytes.data() + at + 4)});
  }
  return GetInteger<std::uint64_t>(bytes.data() + kEnd);
}

}  // namespace daybook::disk
