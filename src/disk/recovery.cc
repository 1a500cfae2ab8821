#include "disk/recovery.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/logging.h"
#include "disk/log_folder.h"
#include "disk/read_file.h"
#include "disk/segment_file.h"
#include "disk/segment_scan.h"

namespace daybook::disk {
namespace {

constexpr std::size_t kCopyBytes = 1 << 20;
constexpr std::uint64_t kTornCopyBytesMax = 32 << 20;

class LogRecovery {
 public:
  LogRecovery(FileSystem& files, std::string folder, const RecoveryOptions& options)
      : files_(files),
        folder_(std::move(folder)),
        options_(options),
        progress_(*options.progress) {}

  Result<RecoveredLog> Run() {
    const std::uint64_t scanned_before_bytes =
        progress_.scanned_bytes.load(std::memory_order_relaxed);
    if (Status status = ReadMeta(); !status.ok()) return status;
    if (Status status = FindSegments(); !status.ok()) return status;
    progress_.segments.fetch_add(first_offsets_.size(), std::memory_order_relaxed);
    for (std::size_t i = 0; i < first_offsets_.size(); ++i) {
      const bool last = i + 1 == first_offsets_.size();
      if (Status status = RecoverSegment(first_offsets_[i], last); !status.ok()) return status;
      const SegmentEnd& end = recovered_.segments.back().end;
      if (!last && end.offset != first_offsets_[i + 1]) {
        return Damaged(PathOf(first_offsets_[i]), end.position,
                       "its records end at offset " + std::to_string(end.offset.value) +
                           ", and the next segment begins at " +
                           std::to_string(first_offsets_[i + 1].value));
      }
      progress_.segments_done.fetch_add(1, std::memory_order_relaxed);
    }
    recovered_.report.segments = recovered_.segments.size();
    recovered_.report.scanned_bytes =
        progress_.scanned_bytes.load(std::memory_order_relaxed) - scanned_before_bytes;
    if (recovered_.segments.back().end.offset < recovered_.meta.first_offset)
      return Damaged(folder_ + "/meta", 0, "the log begins behind its end");
    return std::move(recovered_);
  }

 private:
  std::string PathOf(Offset first_offset) const {
    return std::string(folder_).append("/").append(SegmentName(first_offset));
  }

  Status ReadMeta() {
    const std::string path = folder_ + "/meta";
    const Result<Meta> meta = disk::ReadMeta(files_, path);
    if (!meta.ok()) return meta.status();
    recovered_.meta = *meta;
    return options_.is_clean || options_.is_synced_later ? Status() : SyncMeta();
  }

  Status SyncMeta() {
    const Result<std::unique_ptr<File>> file =
        files_.Open(folder_ + "/meta", FileSystem::Mode::kReadWrite);
    if (!file.ok()) return file.status();
    if (Status status = (*file)->Sync(); !status.ok()) return status;
    return files_.SyncFolder(folder_);
  }

  // What stands beside a segment, and is left of one that is gone.
  bool IsOfNoSegment(const std::string& name, const std::vector<std::string>& names) const {
    const auto first_offset = ParseNameBesideSegment(name);
    return first_offset && *first_offset < recovered_.meta.first_offset &&
           !std::binary_search(names.begin(), names.end(), SegmentName(*first_offset));
  }

  // What was begun under a temporary name never counted; what lies below the first offset is gone
  // for readers, in whatever order the disk forgot it.
  Status FindSegments() {
    const Result<std::vector<std::string>> names = files_.List(folder_);
    if (!names.ok()) return names.status();
    for (const std::string& name : *names) {
      if (name.ends_with(kTemporarySuffix) || IsOfNoSegment(name, *names)) {
        if (Status status = files_.Remove(folder_ + "/" + name); !status.ok()) return status;
      } else if (const auto first_offset = ParseSegmentName(name)) {
        first_offsets_.push_back(*first_offset);
      }
    }
    const auto begins_too_early = [&] {
      return first_offsets_.size() > 1 && first_offsets_[1] <= recovered_.meta.first_offset;
    };
    if (options_.is_synced_later && begins_too_early()) {
      if (Status status = SyncMeta(); !status.ok()) return status;
    }
    while (begins_too_early()) {
      if (std::binary_search(names->begin(), names->end(), IndexName(first_offsets_.front()))) {
        if (Status status = files_.Remove(IndexPathOf(first_offsets_.front())); !status.ok())
          return status;
      }
      if (Status status = files_.Remove(PathOf(first_offsets_.front())); !status.ok())
        return status;
      first_offsets_.erase(first_offsets_.begin());
    }
    if (first_offsets_.empty() || first_offsets_.front() > recovered_.meta.first_offset) {
      return Damaged(PathOf(recovered_.meta.first_offset), 0,
                     "there is no segment with the log's first offset");
    }
    return {};
  }

  Status RecoverSegment(Offset first_offset, bool last) {
    Result<OpenSegment> opened =
        OpenForReading(files_, {PathOf(first_offset), first_offset, last}, recovered_.meta.log);
    if (!opened.ok()) return opened.status();
    if (!opened->header.ok()) return opened->header.status();
    std::unique_ptr<File> file = std::move(opened->file);
    if (options_.readers != nullptr) file = options_.readers->Hold(std::move(file));
    return ScanSegment(std::make_shared<Segment>(*opened->header, std::move(file)), opened->size,
                       last);
  }

  // What the index and the mark that it names tell of the segment; nothing where they do not.
  Result<SegmentScan> BeginScan(Segment& segment, const SegmentScanner& scanner) {
    SegmentScan scan;
    scan.end.offset = segment.header().first_offset;
    const Result<std::string> bytes =
        ReadFile(files_, IndexPathOf(segment.header().first_offset), kIndexBytesMax);
    if (!bytes.ok()) return scan;
    const Result<std::uint64_t> end = segment.index().Decode(*bytes, segment.header().salt);
    if (!end.ok()) return scan;
    const Result<std::optional<SegmentScan>> from_mark = scanner.FromMark(*end);
    if (!from_mark.ok()) return from_mark.status();
    if (*from_mark) {
      // What will be appended shall not depend on frames that were not read here.
      const SegmentEnd& behind = (*from_mark)->end;
      if (!(*from_mark)->sealed) segment.index().AddAnchor(behind.offset, behind.position);
      return **from_mark;
    }
    scan.proven_position = *end - std::min<std::uint64_t>(*end, kFrameHeaderBytes);
    return scan;
  }

  Status ScanSegment(std::shared_ptr<Segment> segment, std::uint64_t size, bool last) {
    SegmentScanner scanner(*segment, size, progress_.scanned_bytes);
    const Result<SegmentScan> begun = BeginScan(*segment, scanner);
    if (!begun.ok()) return begun.status();
    const Result<SegmentScan> scan = scanner.Walk(*begun);
    if (!scan.ok()) return scan.status();
    const std::uint64_t position = scan->end.position;
    const std::string& path = segment->file().path();
    if (position < scan->proven_position) {
      return Damaged(path, position,
                     "there is no valid frame, and the index proves that there was one");
    }
    const Result<bool> zeros = OnlyZerosFrom(segment->file(), position, size);
    if (!zeros.ok()) return zeros.status();
    if (!last && (!*zeros || !scan->sealed)) {
      return Damaged(path, position,
                     "there is no valid frame, and a later segment proves that there was one");
    }
    if (!*zeros) {
      const Result<std::optional<std::uint64_t>> proof =
          ProofAgainst(segment->file(), {segment->header().salt, position}, size);
      if (!proof.ok()) return proof.status();
      if (*proof || scan->sealed) {
        return Damaged(path, position,
                       "there is no valid frame, and the one at position " +
                           std::to_string(proof->value_or(position)) +
                           " proves that there was one");
      }
      KeepTornTail(segment->file(), position, size);
    }
    if (last) {
      const bool is_durable = options_.is_clean && size == scan->end.position;
      Status status = is_durable ? Status() : MakeDurable(path, *scan, size);
      if (!status.ok()) return status;
      recovered_.last_is_sealed = scan->sealed;
      recovered_.last_ends_with_mark = scan->ends_with_mark;
    }
    if (scan->last_timestamp)
      recovered_.last_timestamp = std::max(recovered_.last_timestamp, *scan->last_timestamp);
    recovered_.segments.push_back(
        {std::move(segment), scan->end, scan->last_timestamp.value_or(recovered_.last_timestamp)});
    return {};
  }

  // A torn tail was never acknowledged; a copy may tell somebody something. Does without if it
  // must.
  void KeepTornTail(const File& file, std::uint64_t position, std::uint64_t size) {
    const std::string path = std::string(file.path()).append(kTornSuffix);
    recovered_.report.cut_bytes += size - position;
    logging::Warn("a torn tail, which was never acknowledged, is cut off",
                  {{"file", file.path()},
                   {"position", position},
                   {"bytes", size - position},
                   {"copy", path}});
    const Result<std::unique_ptr<File>> copy = files_.Open(path, FileSystem::Mode::kOpenOrCreate);
    if (!copy.ok() || !(*copy)->Truncate(0).ok()) return;
    std::string bytes(kCopyBytes, '\0');
    const std::uint64_t end = std::min(size, position + kTornCopyBytesMax);
    for (std::uint64_t at = position; at < end;) {
      const Result<std::size_t> read = file.ReadAt(at, {bytes.data(), bytes.size()});
      if (!read.ok() || *read == 0) return;
      const std::string_view piece(bytes.data(), *read);
      if (!(*copy)->WriteBytesAt(at - position, piece).ok()) return;
      at += *read;
    }
  }

  // Cuts the file behind its last frame, and writes again what no frame says to be durable: after a
  // failed sync, pages that never reached the disk look as if they had.
  Status MakeDurable(const std::string& path, const SegmentScan& scan, std::uint64_t size) {
    const Result<std::unique_ptr<File>> opened = files_.Open(path, FileSystem::Mode::kReadWrite);
    if (!opened.ok()) return opened.status();
    File& file = **opened;
    if (size > scan.end.position) {
      if (Status status = file.Truncate(scan.end.position); !status.ok()) return status;
    }
    std::string bytes(
        std::min<std::uint64_t>(kCopyBytes, scan.end.position - scan.durable_position), '\0');
    for (std::uint64_t at = scan.durable_position; at < scan.end.position;) {
      const auto wanted = std::min<std::uint64_t>(bytes.size(), scan.end.position - at);
      const Result<std::size_t> read = file.ReadAt(at, {bytes.data(), wanted});
      if (!read.ok()) return read.status();
      if (*read == 0) return Damaged(path, at, "the file ends here though it did not before");
      const std::string_view piece(bytes.data(), *read);
      if (Status status = file.WriteBytesAt(at, piece); !status.ok()) return status;
      at += *read;
      recovered_.report.rewritten_bytes += *read;
    }
    return options_.is_synced_later ? Status() : file.Sync();
  }

  std::string IndexPathOf(Offset first_offset) const {
    return std::string(folder_).append("/").append(IndexName(first_offset));
  }

  FileSystem& files_;
  const std::string folder_;
  const RecoveryOptions options_;
  RecoveryProgress& progress_;
  std::vector<Offset> first_offsets_;
  RecoveredLog recovered_;
};

}  // namespace

void RecoveryReport::Add(const RecoveryReport& other) {
  duration += other.duration;
  segments += other.segments;
  scanned_bytes += other.scanned_bytes;
  cut_bytes += other.cut_bytes;
  rewritten_bytes += other.rewritten_bytes;
}

Result<RecoveredLog> RecoverLog(FileSystem& files, const std::string& folder,
                                const RecoveryOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  RecoveryProgress own;
  RecoveryOptions whole = options;
  if (whole.progress == nullptr) whole.progress = &own;
  Result<RecoveredLog> recovered = LogRecovery(files, folder, whole).Run();
  if (recovered.ok()) recovered->report.duration = std::chrono::steady_clock::now() - began;
  return recovered;
}

}  // namespace daybook::disk
