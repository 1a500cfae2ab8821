#include "disk/journal_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "disk/little_endian.h"

namespace daybook::disk {
namespace {

// Of a part, before its frames.
constexpr std::size_t kLog = 0;
constexpr std::size_t kSegment = 16;
constexpr std::size_t kPosition = 24;
constexpr std::size_t kFramesBytes = 32;
constexpr std::size_t kReserved = 36;
constexpr std::size_t kPartHeaderBytes = 40;

constexpr std::size_t kFillBytes = 1 << 20;

std::string TemporaryPath(const std::string& path) {
  return std::string(path).append(kTemporarySuffix);
}

}  // namespace

void JournalGroup::Size::AddPart(std::uint64_t frames_bytes) {
  if (frames_bytes == 0) return;
  ++parts;
  bytes += kPartHeaderBytes + frames_bytes;
}

JournalGroup::JournalGroup(const Size& size) {
  bytes_.reserve(size.bytes);
  bytes_.resize(kFrameHeaderBytes);
}

void JournalGroup::Add(const JournalPartPlace& place, const std::vector<std::string>& frames) {
  const std::size_t begin = bytes_.size();
  bytes_.resize(begin + kPartHeaderBytes);
  for (const std::string& frame : frames) bytes_.append(frame);
  char* const header = bytes_.data() + begin;
  std::memcpy(header + kLog, place.log.bytes.data(), place.log.bytes.size());
  PutInteger(header + kSegment, place.segment.value);
  PutInteger(header + kPosition, place.position);
  PutInteger(header + kFramesBytes,
             static_cast<std::uint32_t>(bytes_.size() - begin - kPartHeaderBytes));
  ++parts_;
}

bool JournalBodyReader::Next(Part& part) {
  if (rest_.empty() || broken_) return false;
  broken_ = rest_.size() < kPartHeaderBytes;
  if (broken_) return false;
  const char* const header = rest_.data();
  std::memcpy(part.place.log.bytes.data(), header + kLog, part.place.log.bytes.size());
  part.place.segment = Offset(GetInteger<std::uint64_t>(header + kSegment));
  part.place.position = GetInteger<std::uint64_t>(header + kPosition);
  const auto frames_bytes = GetInteger<std::uint32_t>(header + kFramesBytes);
  broken_ = GetInteger<std::uint32_t>(header + kReserved) != 0 ||
            frames_bytes > rest_.size() - kPartHeaderBytes || frames_bytes % kFrameAlignment != 0;
  if (broken_) return false;
  part.frames = rest_.substr(kPartHeaderBytes, frames_bytes);
  rest_.remove_prefix(kPartHeaderBytes + frames_bytes);
  return true;
}

Result<std::unique_ptr<JournalFile>> JournalFile::Create(FileSystem& files,
                                                         const std::string& folder,
                                                         const log::LogId& catalogue, Offset number,
                                                         std::uint64_t bytes, Timestamp now) {
  std::unique_ptr<JournalFile> journal(new JournalFile(files, folder, catalogue, bytes));
  const std::string temporary = TemporaryPath(journal->PathOf(number));
  Result<std::unique_ptr<File>> file = files.Open(temporary, FileSystem::Mode::kOpenOrCreate);
  if (!file.ok()) return file.status();
  journal->file_ = std::move(*file);
  Status status = journal->Fill();
  if (status.ok()) status = journal->Begin(number, now);
  if (status.ok()) return journal;
  (void)files.Remove(temporary);  // if that fails, too, the next start does it
  return status;
}

Status JournalFile::Fill() {
  if (Status status = file_->Truncate(0); !status.ok()) return status;
  // In one piece on the disk, where it can be.
  if (const Result<bool> reserved = file_->Reserve(0, bytes_); !reserved.ok())
    return reserved.status();
  const std::string zeros(std::min<std::uint64_t>(kFillBytes, bytes_), '\0');
  for (std::uint64_t at = 0; at < bytes_; at += zeros.size()) {
    const std::string_view piece =
        std::string_view(zeros).substr(0, std::min<std::uint64_t>(zeros.size(), bytes_ - at));
    if (Status status = file_->WriteBytesAt(at, piece); !status.ok()) return status;
  }
  return {};
}

// The file has its temporary name.
Status JournalFile::Begin(Offset number, Timestamp now) {
  salt_ = RandomSalt();
  const std::string header =
      EncodeSegmentHeader({catalogue_, number, now, salt_}, FileKind::kJournal);
  if (Status status = file_->WriteBytesAt(0, header); !status.ok()) return status;
  if (Status status = file_->Sync(); !status.ok()) return status;
  path_ = PathOf(number);
  if (Status status = files_.Rename(TemporaryPath(path_), path_); !status.ok()) return status;
  position_ = kSegmentHeaderBytes;
  groups_ = 0;
  return files_.SyncFolder(folder_);
}

Status JournalFile::Renew(Offset number, Timestamp now) {
  if (Status status = files_.Rename(path_, TemporaryPath(PathOf(number))); !status.ok())
    return status;
  if (Status status = files_.SyncFolder(folder_); !status.ok()) return status;
  return Begin(number, now);
}

Status JournalFile::Remove() { return files_.Remove(path_); }

Status JournalFile::Append(JournalGroup group, Timestamp now) {
  std::string& bytes = group.bytes_;
  FrameHeader header;
  header.type = FrameType::kJournal;
  header.body_bytes = static_cast<std::uint32_t>(bytes.size() - kFrameHeaderBytes);
  header.record_count = group.parts_;
  header.first_offset = Offset(groups_);
  header.timestamp = now;
  header.durable_position = position_;
  const FramePlace place{salt_, position_, FileKind::kJournal};
  header.body_checksum = BodyChecksum(std::string_view(bytes).substr(kFrameHeaderBytes), place);
  bytes.resize(header.frame_bytes(), '\0');
  EncodeFrameHeader(header, place, bytes.data());
  if (Status status = file_->WriteBytesAt(position_, bytes); !status.ok()) return status;
  if (Status status = file_->Sync(); !status.ok()) return status;
  position_ += bytes.size();
  ++groups_;
  return {};
}

}  // namespace daybook::disk
