#include "disk/journal_replay.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "disk/data_folder.h"
#include "disk/frame_reader.h"
#include "disk/journal_file.h"
#include "disk/log_folder.h"
#include "disk/segment.h"
#include "disk/segment_file.h"
#include "disk/segment_scan.h"

namespace daybook::disk {
namespace {

// Frames that stand in the journal, and where they belong.
struct Entry {
  JournalPartPlace place;
  std::uint64_t journal_position = 0;
  std::uint32_t bytes = 0;
};

class Replay {
 public:
  Replay(FileSystem& files, std::string data_folder, const std::string& path)
      : files_(files), data_folder_(std::move(data_folder)), path_(path) {}

  // Finds what the journal holds. kDamaged, and of the frames some are missing.
  Status Read() {
    if (Status status = OpenJournal(); !status.ok()) return status;
    FrameReader reader = ReaderFrom(kSegmentHeaderBytes);
    return ReadEntries(reader);
  }

  // What can be written is, from here on, whatever else is damaged.
  void Salvage() { salvages_ = true; }

  // After Read() returned kDamaged with the header right: goes on behind each damage.
  Status ReadPastDamage() {
    entries_.clear();
    groups_ = 0;
    if (file_ == nullptr || header_.salt == 0) return {};
    for (std::uint64_t position = kSegmentHeaderBytes;;) {
      FrameReader reader = ReaderFrom(position);
      Status status = ReadEntries(reader);
      if (status.code() != StatusCode::kDamaged) return status;
      const auto next = FindHeader(
          *file_, {header_.salt, reader.position() + kFrameAlignment, FileKind::kJournal}, size_);
      if (!next.ok()) return next.status();
      if (!*next) return {};
      position = (*next)->position;
      groups_ = (*next)->header.first_offset.value;
    }
  }

  bool empty() const { return entries_.empty(); }
  // Whether Write() had something for which there is no place, and may be one.
  bool passed_over() const { return passed_over_; }

  Result<ReplayReport> Write(std::size_t whole_sync_from) {
    const std::vector<std::span<const Entry>> segments = BySegment();
    if (segments.size() >= whole_sync_from) {
      Result<std::unique_ptr<WholeSync>> whole = files_.BeginWholeSync(path_);
      if (!whole.ok()) return whole.status();
      whole_sync_ = std::move(*whole);
    }
    for (const std::span<const Entry> entries : segments) {
      if (Status status = WriteSegment(entries); !status.ok()) return status;
    }
    if (whole_sync_ != nullptr) {
      if (Status status = whole_sync_->Sync(); !status.ok()) return status;
    }
    report_.journals = 1;
    return report_;
  }

 private:
  FrameReader ReaderFrom(std::uint64_t position) const {
    return {*file_, header_.salt, position, size_, FrameReader::kWindowBytes, FileKind::kJournal};
  }

  Status OpenJournal() {
    Result<std::unique_ptr<File>> file = files_.Open(path_, FileSystem::Mode::kRead);
    if (!file.ok()) return file.status();
    file_ = std::move(*file);
    const Result<std::uint64_t> size = file_->Size();
    if (!size.ok()) return size.status();
    size_ = *size;
    const Result<std::string> bytes = ReadHeaderBytes(*file_);
    if (!bytes.ok()) return bytes.status();
    const Result<SegmentHeader> header = DecodeSegmentHeader(*bytes, FileKind::kJournal);
    if (!header.ok()) return Damaged(path_, 0, header.status().message());
    header_ = *header;
    return {};
  }

  // Up to the first place where there is no valid frame. What stands behind was never durable,
  // unless a later frame proves that it was: a journal has frames of an earlier use there.
  Status ReadEntries(FrameReader& reader) {
    for (;; ++groups_) {
      const Result<std::optional<FrameHeader>> header = reader.Header();
      if (!header.ok()) return header.status();
      if (!*header || (*header)->first_offset != Offset(groups_)) break;
      const Result<std::optional<std::string_view>> body = reader.Body(**header);
      if (!body.ok()) return body.status();
      if (!*body || !AddEntries(**header, **body, reader.position())) break;
      reader.Skip(**header);
    }
    const auto proof =
        ProofAgainst(*file_, {header_.salt, reader.position(), FileKind::kJournal}, size_);
    if (!proof.ok()) return proof.status();
    if (!*proof) return {};
    return Damaged(path_, reader.position(),
                   "there is no valid frame, and the one at position " + std::to_string(**proof) +
                       " proves that there was one");
  }

  bool AddEntries(const FrameHeader& header, std::string_view body, std::uint64_t position) {
    const std::size_t before = entries_.size();
    JournalBodyReader parts(body);
    for (JournalBodyReader::Part part; parts.Next(part);) {
      const auto at = static_cast<std::uint64_t>(part.frames.data() - body.data());
      entries_.push_back({part.place, position + kFrameHeaderBytes + at,
                          static_cast<std::uint32_t>(part.frames.size())});
    }
    if (parts.complete() && entries_.size() - before == header.record_count) return true;
    entries_.resize(before);
    return false;
  }

  std::string FolderOf(const log::LogId& log) const {
    return log == header_.log ? CatalogueFolderIn(data_folder_) : LogFolderIn(data_folder_, log);
  }

  // Within each, in the order in which they were written.
  std::vector<std::span<const Entry>> BySegment() {
    const auto segment_of = [](const Entry& entry) {
      return std::pair(entry.place.log, entry.place.segment);
    };
    std::stable_sort(entries_.begin(), entries_.end(),
                     [&](const Entry& a, const Entry& b) { return segment_of(a) < segment_of(b); });
    std::vector<std::span<const Entry>> segments;
    for (auto begin = entries_.cbegin(); begin != entries_.cend();) {
      const auto end = std::find_if(begin, entries_.cend(), [&](const Entry& each) {
        return segment_of(each) != segment_of(*begin);
      });
      segments.emplace_back(begin, end);
      begin = end;
    }
    return segments;
  }

  Status WriteSegment(std::span<const Entry> entries) {
    const JournalPartPlace& place = entries.front().place;
    const SegmentFile segment{FolderOf(place.log) + "/" + SegmentName(place.segment),
                              place.segment};
    const Result<std::unique_ptr<File>> file =
        files_.Open(segment.path, FileSystem::Mode::kReadWrite);
    if (file.status().code() == StatusCode::kNotFound) return PassOverMissing(segment, entries);
    if (!file.ok()) return file.status();
    const Result<std::string> bytes = ReadHeaderBytes(**file);
    if (!bytes.ok()) return bytes.status();
    // What is to be there would be nowhere without the journal. A repair tries the salt as it is.
    const Result<SegmentHeader> header = HeaderOf(segment, place.log, *bytes);
    if (!header.ok() && !salvages_) return Damaged(segment.path, 0, header.status().message());
    bool written = false;
    const bool has_salt = bytes->size() == kSegmentHeaderBytes;
    for (const Entry& entry : entries) {
      const Result<bool> wrote = has_salt ? Write(**file, SaltIn(*bytes), entry) : false;
      if (!wrote.ok()) return wrote.status();
      written = written || *wrote;
      passed_over_ = passed_over_ || !*wrote;
    }
    if (!written) return {};
    ++report_.segments;
    const bool is_covered = whole_sync_ != nullptr && whole_sync_->Covers(segment.path);
    return is_covered ? Status() : (*file)->Sync();
  }

  // A segment goes with its log, or when all in it was trimmed. Of any other the journal may have
  // what is nowhere else.
  Status PassOverMissing(const SegmentFile& segment, std::span<const Entry> entries) {
    const std::string folder = segment.path.substr(0, segment.path.rfind('/'));
    const Result<Meta> meta = ReadMeta(files_, folder + "/meta");
    if (meta.status().code() == StatusCode::kNotFound && !files_.List(folder).ok()) return {};
    const Result<Offset> end = EndOf(entries.back());
    if (!end.ok()) return end.status();
    if (meta.ok() && meta->first_offset >= *end) return {};
    passed_over_ = true;
    if (salvages_) return {};
    return Damaged(segment.path, 0,
                   "there is no such segment, and " + path_ + " has records that belong to it");
  }

  // Behind the last of the frames.
  Result<Offset> EndOf(const Entry& entry) {
    const Result<std::string> frames = FramesOf(entry);
    if (!frames.ok()) return frames.status();
    Offset end;
    for (std::size_t at = 0; at + kFrameHeaderBytes <= frames->size();) {
      const FrameHeader header = ReadFrameHeader(frames->data() + at);
      end = header.first_offset + header.record_count;
      at += header.frame_bytes();
    }
    return end;
  }

  Result<std::string> FramesOf(const Entry& entry) {
    std::string frames(entry.bytes, '\0');
    const Result<std::size_t> read =
        file_->ReadAt(entry.journal_position, {frames.data(), frames.size()});
    if (!read.ok()) return read.status();
    if (*read == frames.size()) return frames;
    return Damaged(path_, entry.journal_position, "the file ends here though it did not before");
  }

  // False: they are no frames of this segment.
  Result<bool> Write(File& segment, std::uint64_t salt, const Entry& entry) {
    const Result<std::string> frames = FramesOf(entry);
    if (!frames.ok()) return frames.status();
    if (!AreOfSegment(*frames, salt, entry.place.position)) return false;
    if (Status status = segment.WriteBytesAt(entry.place.position, *frames); !status.ok())
      return status;
    report_.frames_bytes += frames->size();
    return true;
  }

  // Each header is valid under the salt of the segment that stands there.
  static bool AreOfSegment(std::string_view frames, std::uint64_t salt, std::uint64_t position) {
    while (!frames.empty()) {
      if (frames.size() < kFrameHeaderBytes) return false;
      const auto header = DecodeFrameHeader(frames.data(), {salt, position});
      if (!header || header->frame_bytes() > frames.size()) return false;
      position += header->frame_bytes();
      frames.remove_prefix(header->frame_bytes());
    }
    return true;
  }

  FileSystem& files_;
  const std::string data_folder_;
  const std::string path_;
  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;
  SegmentHeader header_;
  std::uint64_t groups_ = 0;  // that come before the next
  bool salvages_ = false;
  bool passed_over_ = false;
  std::unique_ptr<WholeSync> whole_sync_;  // null: each segment is synced by itself
  std::vector<Entry> entries_;
  ReplayReport report_;
};

}  // namespace

void ReplayReport::Add(const ReplayReport& other) {
  journals += other.journals;
  frames_bytes += other.frames_bytes;
  segments += other.segments;
}

Result<std::vector<std::string>> ListJournals(FileSystem& files, const std::string& data_folder) {
  const Result<std::vector<std::string>> names = files.List(data_folder);
  if (!names.ok()) return names.status();
  std::vector<std::string> paths;
  for (const std::string& name : *names) {
    if (ParseJournalName(name)) paths.push_back(std::string(data_folder).append("/").append(name));
  }
  return paths;
}

Result<bool> CheckJournal(FileSystem& files, const std::string& path) {
  Replay replay(files, "", path);
  if (Status status = replay.Read(); !status.ok()) return status;
  return !replay.empty();
}

Result<ReplayReport> ReplayJournal(FileSystem& files, const std::string& data_folder,
                                   const std::string& path, std::size_t whole_sync_from) {
  Replay replay(files, data_folder, path);
  if (Status status = replay.Read(); !status.ok()) return status;
  return replay.Write(whole_sync_from);
}

Result<bool> SalvageJournal(FileSystem& files, const std::string& data_folder,
                            const std::string& path) {
  Replay replay(files, data_folder, path);
  replay.Salvage();
  Status status = replay.Read();
  const bool damaged = status.code() == StatusCode::kDamaged;
  if (damaged) status = replay.ReadPastDamage();
  if (!status.ok()) return status;
  if (const auto written = replay.Write(SIZE_MAX); !written.ok()) return written.status();
  return damaged || replay.passed_over();
}

Result<ReplayReport> ReplayJournals(FileSystem& files, const std::string& data_folder,
                                    std::size_t whole_sync_from) {
  const Result<std::vector<std::string>> journals = ListJournals(files, data_folder);
  if (!journals.ok()) return journals.status();
  ReplayReport report;
  for (const std::string& path : *journals) {
    Result<ReplayReport> replayed = ReplayJournal(files, data_folder, path, whole_sync_from);
    if (!replayed.ok()) return replayed;
    report.Add(*replayed);
  }
  for (const std::string& path : *journals) {
    if (Status status = files.Remove(path); !status.ok()) return status;
  }
  if (journals->empty()) return report;
  if (Status status = files.SyncFolder(data_folder); !status.ok()) return status;
  return report;
}

}  // namespace daybook::disk
