#include "disk/segment_writer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace daybook::disk {
namespace {

constexpr std::uint64_t kStepBytesMin = 64 << 10;
constexpr std::uint64_t kStepBytesMax = 16 << 20;

// Behind a larger group the conversion of extents matters less than writing so much twice.
constexpr std::uint64_t kGroupBytesMaxWithZeros = 64 << 10;

const std::string& ZeroBytes() {
  static const std::string zeros(SegmentWriter::kZerosAheadBytes, '\0');
  return zeros;
}

std::string PathOf(const std::string& folder, const SegmentHeader& header) {
  return folder + "/" + SegmentName(header.first_offset);
}

}  // namespace

SegmentWriter::SegmentWriter(FileSystem& files, std::string folder, const SegmentHeader& header,
                             std::unique_ptr<File> file, std::uint64_t position)
    : files_(files),
      folder_(std::move(folder)),
      header_(header),
      file_(std::move(file)),
      position_(position),
      written_position_(position),
      durable_position_(position),
      zeroed_position_(position),
      reserved_position_(position),
      step_bytes_(kStepBytesMin) {}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::Create(FileSystem& files,
                                                             const std::string& folder,
                                                             const log::LogId& log,
                                                             Offset first_offset,
                                                             Timestamp created) {
  const SegmentHeader header{log, first_offset, created, RandomSalt()};
  const std::string path = PathOf(folder, header).append(kTemporarySuffix);
  Result<std::unique_ptr<File>> file = files.Open(path, FileSystem::Mode::kOpenOrCreate);
  if (!file.ok()) return file.status();
  std::unique_ptr<SegmentWriter> writer(
      new SegmentWriter(files, folder, header, std::move(*file), kSegmentHeaderBytes));
  writer->reserved_position_ = 0;
  const auto make = [&]() -> Status {
    // What an earlier attempt left is no frame of this one.
    if (Status status = writer->file_->Truncate(0); !status.ok()) return status;
    if (Status status = writer->Reserve(kSegmentHeaderBytes + kFrameHeaderBytes); !status.ok())
      return status;
    const std::string bytes = EncodeSegmentHeader(header);
    if (Status status = writer->file_->WriteBytesAt(0, bytes); !status.ok()) return status;
    return writer->file_->Sync();
  };
  if (Status status = make(); !status.ok()) {
    writer.reset();
    (void)files.Remove(path);  // if that fails, too, the next start does it
    return status;
  }
  return writer;
}

std::unique_ptr<SegmentWriter> SegmentWriter::Resume(FileSystem& files, const std::string& folder,
                                                     const SegmentHeader& header,
                                                     std::uint64_t position) {
  return std::unique_ptr<SegmentWriter>(
      new SegmentWriter(files, folder, header, nullptr, position));
}

std::string SegmentWriter::temporary_path() const {
  return PathOf(folder_, header_).append(kTemporarySuffix);
}

Status SegmentWriter::Open() {
  if (file_ != nullptr) return {};
  Result<std::unique_ptr<File>> file =
      files_.Open(PathOf(folder_, header_), FileSystem::Mode::kReadWrite);
  if (!file.ok()) return {StatusCode::kUnavailable, file.status().message()};
  file_ = std::move(*file);
  return {};
}

void SegmentWriter::Release() {
  if (durable_position_ == position_) file_.reset();
}

Status SegmentWriter::BeginWith(EncodedAppend frame, Timestamp timestamp) {
  FrameHeader header;
  header.body_bytes = frame.body_bytes;
  header.record_count = frame.record_count;
  header.first_offset = header_.first_offset;
  header.timestamp = timestamp;
  if (Status status = MakeRoom(frame.bytes.size()); !status.ok()) return status;
  Add(header, std::move(frame.bytes));
  if (Status status = Write(); !status.ok()) return status;
  if (Status status = Sync(); !status.ok()) return status;
  // Without a mark, damage would look like a frame that was never written.
  return Mark(header_.first_offset + header.record_count, timestamp, false);
}

Status SegmentWriter::Publish() {
  if (Status status = files_.Rename(temporary_path(), PathOf(folder_, header_)); !status.ok())
    return Refuse(status);
  if (Status status = files_.SyncFolder(folder_); !status.ok()) return Refuse(status);
  return {};
}

// A disk that is full only now, at a write or a sync, is no less a failure.
Status SegmentWriter::Refuse(const Status& status) {
  refusal_ = Status(StatusCode::kIo, status.message());
  return refusal_;
}

Status SegmentWriter::MakeRoom(std::uint64_t bytes) {
  if (!refusal_.ok()) return refusal_;
  if (Status status = Open(); !status.ok()) return status;
  const std::uint64_t end = position_ + bytes + kFrameHeaderBytes;
  if (end <= reserved_position_) return {};
  Status status = Reserve(end);
  return status.ok() || status.code() == StatusCode::kNoSpace ? status : Refuse(status);
}

// Reserves up to `position_end` at least, in steps that grow while the disk has them.
Status SegmentWriter::Reserve(std::uint64_t position_end) {
  const std::uint64_t missing = position_end - reserved_position_;
  std::uint64_t step = std::max(missing, step_bytes_);
  unsynced_ = true;
  for (;;) {
    const Result<bool> reserved = file_->Reserve(reserved_position_, step);
    if (reserved.ok() && !*reserved) {
      if (Status status = FillWithZeros(reserved_position_ + step); !status.ok()) return status;
    }
    if (reserved.ok()) {
      reserved_position_ += step;
      step_bytes_ = std::min(step_bytes_ * 2, kStepBytesMax);
      return {};
    }
    if (reserved.status().code() != StatusCode::kNoSpace || step == missing)
      return reserved.status();
    step = missing;  // a step ahead does not fit; the frame may
  }
}

// Where a file system cannot reserve, blocks that were written once are room.
Status SegmentWriter::FillWithZeros(std::uint64_t position_end) {
  for (std::uint64_t at = reserved_position_; at < position_end;) {
    const std::string_view piece = std::string_view(ZeroBytes()).substr(0, position_end - at);
    if (Status status = file_->WriteBytesAt(at, piece); !status.ok()) return status;
    at += piece.size();
  }
  if (Status status = file_->Sync(); !status.ok()) return status;
  zeroed_position_ = position_end;
  return {};
}

std::uint64_t SegmentWriter::Add(FrameHeader header, std::string bytes) {
  CHECK(bytes.size() == header.frame_bytes(), "a frame has another size than its header says");
  CHECK(position_ + bytes.size() <= reserved_position_, "there is no room for a frame");
  const FramePlace place{header_.salt, position_};
  const std::string_view body =
      std::string_view(bytes).substr(kFrameHeaderBytes, header.body_bytes);
  header.durable_position = durable_position_;
  header.body_checksum = BodyChecksum(body, place);
  EncodeFrameHeader(header, place, bytes.data());
  position_ += bytes.size();
  added_.push_back(std::move(bytes));
  return place.position;
}

Status SegmentWriter::AddMark(Offset next_offset, Timestamp timestamp, bool seal) {
  CHECK(durable_position_ == position_, "a mark says what is not so");
  FrameHeader header;
  header.type = FrameType::kMark;
  header.seal = seal;
  header.first_offset = next_offset;
  header.timestamp = timestamp;
  if (Status status = MakeRoom(0); !status.ok()) return status;
  Add(header, std::string(kFrameHeaderBytes, '\0'));
  added_mark_ = true;
  return {};
}

bool SegmentWriter::ZerosPay() const {
  // Nobody waits for a mark, so that this is the time for zeros.
  if (added_mark_) return position_ + kZerosAheadBytes / 2 > zeroed_position_;
  return position_ > zeroed_position_ && position_ - written_position_ <= kGroupBytesMaxWithZeros;
}

Status SegmentWriter::Write(Zeros zeros) {
  if (!refusal_.ok()) return refusal_;
  std::vector<std::string_view> pieces(added_.begin(), added_.end());
  std::uint64_t end = position_;
  if (zeros == Zeros::kWhereTheyPay && ZerosPay()) {
    pieces.push_back(std::string_view(ZeroBytes()).substr(0, reserved_position_ - position_));
    end += pieces.back().size();
  }
  unsynced_ = true;
  if (Status status = file_->WriteAt(written_position_, pieces); !status.ok())
    return Refuse(status);
  written_position_ = position_;
  zeroed_position_ = std::max(zeroed_position_, end);
  added_.clear();
  added_mark_ = false;
  return {};
}

Status SegmentWriter::Sync() {
  if (!refusal_.ok()) return refusal_;
  if (Status status = file_->Sync(); !status.ok()) return Refuse(status);
  unsynced_ = false;
  NoteDurable();
  return {};
}

Status SegmentWriter::Mark(Offset next_offset, Timestamp timestamp, bool seal) {
  // What stands in a journal was not synced here, and room that was reserved may not be. After a
  // power loss there may be anything there, which behind a seal would be damage.
  if (seal) {
    if (Status status = MakeRoom(0); !status.ok()) return status;
    if (Status status = unsynced_ ? Sync() : Status(); !status.ok()) return status;
  }
  if (Status status = AddMark(next_offset, timestamp, seal); !status.ok()) return status;
  if (Status status = Write(seal ? Zeros::kNone : Zeros::kWhereTheyPay); !status.ok())
    return status;
  return Sync();
}

Status SegmentWriter::CutToSize() {
  if (Status status = GiveRoomBack(); !status.ok()) return status;
  return Sync();
}

Status SegmentWriter::GiveRoomBack() {
  if (!refusal_.ok()) return refusal_;
  if (Status status = Open(); !status.ok()) return status;
  if (Status status = file_->Truncate(position_); !status.ok()) return Refuse(status);
  reserved_position_ = zeroed_position_ = position_;
  return {};
}

}  // namespace daybook::disk
