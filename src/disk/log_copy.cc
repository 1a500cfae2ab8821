#include "disk/log_copy.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "disk/inspect.h"
#include "disk/key_checkpoint.h"
#include "disk/read_file.h"

namespace daybook::disk {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;

Status Ignore(const FrameWalk::Frame&) { return {}; }

// A log's files, of which meta is valid and segments reach from its first offset on.
Result<LogFiles> LookIntoWholeLog(FileSystem& files, const std::string& folder) {
  Result<LogFiles> log = LookIntoLog(files, folder);
  if (!log.ok()) return log.status();
  if (!log->meta.ok()) return log->meta.status();
  const Offset first_offset = log->meta->first_offset;
  if (log->segments.empty() || log->segments.front().first_offset > first_offset) {
    return Damaged(std::string(folder).append("/").append(SegmentName(first_offset)), 0,
                   "there is no segment with the log's first offset");
  }
  return log;
}

Status WriteNewFile(FileSystem& files, const std::string& path, std::string_view bytes) {
  const Result<std::unique_ptr<File>> file = files.Open(path, FileSystem::Mode::kCreate);
  if (!file.ok()) return file.status();
  if (Status status = (*file)->WriteBytesAt(0, bytes); !status.ok()) return status;
  return (*file)->Sync();
}

class LogCopier {
 public:
  LogCopier(FileSystem& files, std::string to, Sealed sealed, const OnBytes& on_bytes)
      : files_(files), to_(std::move(to)), sealed_(sealed), on_bytes_(on_bytes) {}

  Result<LogCopy> Copy(const LogFiles& log) {
    if (Status status = files_.MakeFolder(to_); !status.ok()) return status;
    const Meta& meta = log.meta.value();
    if (Status status = WriteNewFile(files_, to_ + "/meta", EncodeMeta(meta)); !status.ok())
      return status;
    // Before the log's end is looked for: the file must not tell of what is not in the copy.
    const std::string keys = std::string(log.folder).append("/").append(kKeysName);
    if (Status status = CopyWhole(keys, kKeysName, kKeysBytesMax); !status.ok()) return status;
    copy_.id = meta.log;
    copy_.first_offset = meta.first_offset;
    copy_.segments = log.segments.size();
    for (const SegmentFile& segment : log.segments) {
      const Result<OpenSegment> opened = OpenForReading(files_, segment, meta.log);
      if (!opened.ok()) return opened.status();
      if (!opened->header.ok()) return opened->header.status();
      Status status =
          segment.last ? CopyLast(segment, *opened) : LinkOrCopySealed(segment, *opened);
      if (!status.ok()) return status;
    }
    if (Status status = files_.SyncFolder(to_); !status.ok()) return status;
    return copy_;
  }

 private:
  std::string Inside(std::string_view name) const {
    return std::string(to_).append("/").append(name);
  }

  // What is in the copy must not be lost by the log itself, so it is synced there first; all before
  // it is.
  Status CopyLast(const SegmentFile& segment, const OpenSegment& opened) {
    const Result<SegmentEnd> end = WalkSegment(opened, segment, Ignore);
    if (!end.ok()) return end.status();
    copy_.next_offset = end->offset;
    if (Status status = opened.file->Sync(); !status.ok()) return status;
    return CopyFile(segment, *opened.file, end->position);
  }

  Status LinkOrCopySealed(const SegmentFile& segment, const OpenSegment& opened) {
    const std::string path = Inside(SegmentName(segment.first_offset));
    if (sealed_ == Sealed::kLinked && files_.Link(segment.path, path).ok()) {
      copy_.linked_bytes += opened.size;
    } else if (Status status = CopyFile(segment, *opened.file, opened.size); !status.ok()) {
      return status;
    }
    // Without an index a start reads the segment, as it does where the index is not of it.
    return CopyWhole(segment.index_path(), IndexName(segment.first_offset), kIndexBytesMax);
  }

  Status CopyFile(const SegmentFile& segment, const File& from, std::uint64_t size) {
    const Result<std::unique_ptr<File>> to =
        files_.Open(Inside(SegmentName(segment.first_offset)), FileSystem::Mode::kCreate);
    if (!to.ok()) return to.status();
    std::string bytes(std::min<std::uint64_t>(kPieceBytes, size), '\0');
    for (std::uint64_t at = 0; at < size;) {
      const auto wanted = std::min<std::uint64_t>(bytes.size(), size - at);
      const Result<std::size_t> read = from.ReadAt(at, {bytes.data(), wanted});
      if (!read.ok()) return read.status();
      if (*read == 0)
        return Damaged(segment.path, at, "the file ends here though it did not before");
      const std::string_view piece(bytes.data(), *read);
      if (Status status = (*to)->WriteBytesAt(at, piece); !status.ok()) return status;
      at += *read;
      on_bytes_(*read);
    }
    copy_.copied_bytes += size;
    return (*to)->Sync();
  }

  // A file that need not be there.
  Status CopyWhole(const std::string& path, std::string_view name, std::size_t bytes_max) {
    const Result<std::string> bytes = ReadFile(files_, path, bytes_max);
    if (bytes.status().code() == StatusCode::kNotFound) return {};
    if (!bytes.ok()) return bytes.status();
    return WriteNewFile(files_, Inside(name), *bytes);
  }

  FileSystem& files_;
  const std::string to_;
  const Sealed sealed_;
  const OnBytes& on_bytes_;
  LogCopy copy_;
};

}  // namespace

Result<LogCopy> CopyLog(FileSystem& files, const std::string& from, const std::string& to,
                        Sealed sealed, const OnBytes& on_bytes) {
  const Result<LogFiles> log = LookIntoWholeLog(files, from);
  if (!log.ok()) return log.status();
  return LogCopier(files, to, sealed, on_bytes).Copy(*log);
}

Status CheckLog(FileSystem& files, const std::string& folder, const OnBytes& on_bytes) {
  const Result<LogFiles> log = LookIntoWholeLog(files, folder);
  if (!log.ok()) return log.status();
  for (std::size_t i = 0; i < log->segments.size(); ++i) {
    const SegmentFile& segment = log->segments[i];
    const Result<OpenSegment> opened = OpenForReading(files, segment, log->meta->log);
    if (!opened.ok()) return opened.status();
    const Result<SegmentEnd> end =
        WalkSegment(*opened, segment, [&](const FrameWalk::Frame& frame) {
          on_bytes(frame.header.frame_bytes());
          return Status();
        });
    if (!end.ok()) return end.status();
    const Offset next = segment.last ? log->meta->first_offset : log->segments[i + 1].first_offset;
    if (segment.last ? end->offset < next : end->offset != next) {
      return Damaged(segment.path, end->position,
                     "its records end at offset " + std::to_string(end->offset.value) + ", not " +
                         std::to_string(next.value));
    }
  }
  return {};
}

}  // namespace daybook::disk
