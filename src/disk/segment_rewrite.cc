#include "disk/segment_rewrite.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace daybook::disk {
namespace {

constexpr std::uint64_t kWriteBytes = 4 << 20;

}  // namespace

SegmentRewrite::~SegmentRewrite() {
  if (writer_ == nullptr || published_) return;
  const std::string path = writer_->temporary_path();
  writer_.reset();
  (void)files_.Remove(path);  // if that fails, too, the next start does it
}

Status SegmentRewrite::Write(const SegmentRepair& segment) {
  offset_ = segment.first_offset;
  index_.emplace(segment.first_offset);
  timestamp_ = segment.created;
  Result<std::unique_ptr<SegmentWriter>> writer =
      SegmentWriter::Create(files_, folder_, log_, segment.first_offset, segment.created);
  if (!writer.ok()) return writer.status();
  writer_ = std::move(*writer);
  if (segment.source && segment.source->salt) {
    if (Status status = CopyFrames(*segment.source, segment.next_offset); !status.ok())
      return status;
  }
  if (Status status = AddLostUpTo(segment.next_offset, timestamp_); !status.ok()) return status;
  return End(segment.sealed);
}

// In the order in which they stand; of frames with the same records the first.
Status SegmentRewrite::CopyFrames(const ExaminedSegment& source, Offset next_offset) {
  Result<std::unique_ptr<SalvageFile>> file = OpenSalvaging(files_, source.file.path);
  if (!file.ok()) return file.status();
  FrameWalk walk(**file, *source.salt, source.file.first_offset, source.size);
  while (walk.position() < source.end.position) {
    const Result<std::optional<FrameWalk::Step>> step = walk.Next();
    if (!step.ok()) return step.status();
    if (!*step) break;
    const auto* const frame = std::get_if<FrameWalk::Frame>(&**step);
    if (frame == nullptr || frame->header.type != FrameType::kAppend) continue;
    if (frame->header.first_offset < offset_ || frame->next_offset() > next_offset) continue;
    if (Status status = Copy(*frame); !status.ok()) return status;
  }
  return {};
}

Status SegmentRewrite::Copy(const FrameWalk::Frame& frame) {
  const FrameHeader& header = frame.header;
  if (Status status = AddLostUpTo(header.first_offset, header.timestamp); !status.ok())
    return status;
  std::string bytes(kFrameHeaderBytes, '\0');
  bytes.append(frame.body).resize(header.frame_bytes(), '\0');
  timestamp_ = header.timestamp;
  return Add(header, std::move(bytes));
}

Status SegmentRewrite::AddLostUpTo(Offset offset, Timestamp timestamp) {
  if (offset_ >= offset) return {};
  FrameHeader header;
  header.type = FrameType::kLost;
  header.first_offset = offset_;
  header.record_count = static_cast<std::uint32_t>(offset - offset_);
  header.timestamp = timestamp;
  return Add(header, std::string(kFrameHeaderBytes, '\0'));
}

Status SegmentRewrite::Add(const FrameHeader& header, std::string bytes) {
  unwritten_bytes_ += bytes.size();
  if (Status status = writer_->MakeRoom(bytes.size()); !status.ok()) return status;
  index_->Add(header.first_offset, writer_->Add(header, std::move(bytes)));
  offset_ = header.first_offset + header.record_count;
  if (unwritten_bytes_ < kWriteBytes) return {};
  unwritten_bytes_ = 0;
  return writer_->Write();
}

Status SegmentRewrite::End(bool sealed) {
  if (Status status = writer_->Write(); !status.ok()) return status;
  if (Status status = writer_->Sync(); !status.ok()) return status;
  if (Status status = writer_->Mark(offset_, timestamp_, sealed); !status.ok()) return status;
  return writer_->CutToSize();
}

Status SegmentRewrite::Publish() {
  published_ = true;
  if (Status status = writer_->Publish(); !status.ok()) return status;
  const SegmentHeader& header = writer_->header();
  return WriteIndex(files_, folder_ + "/" + IndexName(header.first_offset), *index_, header.salt,
                    writer_->position());
}

Status WriteIndex(FileSystem& files, const std::string& path, const SparseIndex& index,
                  std::uint64_t salt, std::uint64_t end) {
  // Whoever looks at the folder meanwhile finds the old one or this.
  const std::string temporary = path + std::string(kTemporarySuffix);
  const Result<std::unique_ptr<File>> file = files.Open(temporary, FileSystem::Mode::kOpenOrCreate);
  if (!file.ok()) return file.status();
  if (Status status = (*file)->Truncate(0); !status.ok()) return status;
  if (Status status = (*file)->WriteBytesAt(0, index.Encode(salt, end)); !status.ok())
    return status;
  if (Status status = (*file)->Sync(); !status.ok()) return status;
  return files.Rename(temporary, path);
}

}  // namespace daybook::disk
