#include "disk/segment_exam.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "disk/read_file.h"
#include "disk/segment_scan.h"
#include "disk/sparse_index.h"

namespace daybook::disk {
namespace {

// Compares an index with the frames that it leads to, as they are walked over.
class IndexExam {
 public:
  IndexExam(Offset first_offset, std::string bytes)
      : bytes_(std::move(bytes)), index_(first_offset) {}

  // Returns where the index ends; none where it is not of a segment with that salt.
  std::optional<std::uint64_t> Read(std::uint64_t salt) {
    const Result<std::uint64_t> end = index_.Decode(bytes_, salt);
    valid_ = end.ok();
    return end.ok() ? std::optional(*end) : std::nullopt;
  }

  bool valid() const { return valid_; }

  void See(const FrameWalk::Frame& frame) {
    if (!valid_) return;
    starts_.push_back(frame.position);
    if (frame.header.record_count == 0) return;  // a mark is not looked for
    const std::uint64_t found = index_.Find(frame.header.first_offset);
    const bool leads = std::find(starts_.begin(), starts_.end(), found) != starts_.end();
    valid_ = found == last_found_ || leads;
    last_found_ = found;
    starts_.clear();
  }

 private:
  const std::string bytes_;
  SparseIndex index_;
  bool valid_ = false;
  std::uint64_t last_found_ = kSegmentHeaderBytes;
  std::vector<std::uint64_t>
      starts_;  // of frames since the last one with records, that one included
};

class SegmentExam {
 public:
  SegmentExam(FileSystem& files, const SegmentFile& file, const log::LogId& log,
              const ExamHooks& hooks)
      : files_(files), log_(log), hooks_(hooks) {
    found_.file = file;
    found_.end.offset = file.first_offset;
  }

  Result<ExaminedSegment> Run() {
    Result<std::unique_ptr<SalvageFile>> opened = OpenSalvaging(files_, found_.file.path);
    if (!opened.ok()) return opened.status();
    bytes_ = std::move(*opened);
    const Result<std::uint64_t> size = bytes_->Size();
    if (!size.ok()) return size.status();
    found_.size = *size;
    const Result<std::string> index = ReadFile(files_, found_.file.index_path(), kIndexBytesMax);
    index_.emplace(found_.file.first_offset, index.ok() ? *index : "");
    if (Status status = ReadHeader(index.ok() ? *index : ""); !status.ok()) return status;
    if (!found_.salt) return std::move(found_);
    const auto index_end = index_->Read(*found_.salt);
    if (Status status = FindProvenPosition(index_end); !status.ok()) return status;
    if (Status status = Walk(); !status.ok()) return status;
    if (found_.end.position < proven_position_ && !reached_end_) {
      found_
          .AddFault(Fault::Kind::kDamage, found_.end.position,
                    "there is no valid frame, and the index proves that there was one",
                    found_.end.offset, found_.end.offset)
          .takes_more = found_.file.last;
    }
    // One that is being written may be looked at again.
    if (index.ok() ? !index_->valid() && !IsRightByNow() : !found_.file.last)
      NoteIndex(index.ok() ? "it is not what the segment has" : "it is missing");
    return std::move(found_);
  }

 private:
  Status ReadHeader(std::string_view index) {
    std::string bytes(std::min<std::uint64_t>(kSegmentHeaderBytes, found_.size), '\0');
    const Result<std::size_t> read = bytes_->ReadAt(0, {bytes.data(), bytes.size()});
    if (!read.ok()) return read.status();
    bytes.resize(*read);
    const Result<SegmentHeader> header = HeaderOf(found_.file, log_, bytes);
    if (header.ok()) {
      found_.header_valid = true;
      found_.salt = header->salt;
      found_.created = header->created;
      return {};
    }
    const Status error = bytes_->ErrorBetween(0, kSegmentHeaderBytes);
    const bool later = IsOfLaterVersion(bytes);
    found_.AddFault(later ? Fault::Kind::kUnknown : Fault::Kind::kDamage, 0,
                    error.ok() ? header.status().message() : error.message(),
                    found_.file.first_offset, found_.file.first_offset);
    // A header that is right elsewhere has a salt that leads to frames of elsewhere.
    if (!later && !DecodeSegmentHeader(bytes).ok()) {
      if (Status status = GuessSalt(bytes, index); !status.ok()) return status;
    }
    found_.faults.back().takes_more = found_.file.last && !found_.salt;
    return {};
  }

  // With a damaged header the frames can be read if its salt is right, or the index has it.
  Status GuessSalt(std::string_view header, std::string_view index) {
    if (header.size() < kSegmentHeaderBytes) return {};
    // Frames do not say of which log they are; another one's must not come in here.
    const bool foreign = IsOfAnotherLog(header, log_);
    std::vector<std::uint64_t> salts;
    if (!foreign) salts.push_back(SaltIn(header));
    if (const auto salt = SparseIndex::SaltIn(index); salt && (!foreign || *salt != SaltIn(header)))
      salts.push_back(*salt);
    for (const std::uint64_t salt : salts) {
      const auto frame = FindHeader(*bytes_, {salt, kSegmentHeaderBytes}, found_.size);
      if (!frame.ok()) return frame.status();
      if (!*frame) continue;
      found_.salt = salt;
      return {};
    }
    return {};
  }

  // Before which the index says that all was durable, where no mark says so itself.
  Status FindProvenPosition(std::optional<std::uint64_t> index_end) {
    if (!index_end || *index_end < kFrameHeaderBytes) return {};
    const std::uint64_t position = *index_end - kFrameHeaderBytes;
    if (position >= kSegmentHeaderBytes && *index_end <= found_.size) {
      const auto mark = FindHeader(*bytes_, {*found_.salt, position}, *index_end);
      if (!mark.ok()) return mark.status();
      if (*mark && (*mark)->header.type == FrameType::kMark) return {};
    }
    proven_position_ = position;
    return {};
  }

  Status Walk() {
    FrameWalk walk(*bytes_, *found_.salt, found_.file.first_offset, found_.size);
    for (;;) {
      const std::uint64_t before = walk.position();
      const Result<std::optional<FrameWalk::Step>> step = walk.Next();
      if (!step.ok()) return step.status();
      if (!*step) return {};
      if (const auto* const frame = std::get_if<FrameWalk::Frame>(&**step)) {
        See(*frame);
        found_.end = {walk.position(), walk.offset()};
      } else {
        const Result<bool> goes_on = See(std::get<FrameWalk::Gap>(**step), walk);
        if (!goes_on.ok()) return goes_on.status();
        if (!*goes_on) return {};
      }
      hooks_.on_bytes(walk.position() - std::min(before, walk.position()));
    }
  }

  void See(const FrameWalk::Frame& frame) {
    if (found_.sealed) {
      found_.AddFault(Fault::Kind::kDamage, frame.position, "a frame stands behind the seal",
                      frame.header.first_offset, frame.header.first_offset);
    }
    found_.sealed = frame.header.seal;
    index_->See(frame);
    if (frame.header.type == FrameType::kLost) found_.lost_records += frame.header.record_count;
    if (frame.header.type == FrameType::kAppend) {
      ++found_.frames;
      found_.records += frame.header.record_count;
    }
    hooks_.on_frame(found_.file.path, frame);
  }

  // Whether the walk is to go on behind it.
  Result<bool> See(const FrameWalk::Gap& gap, FrameWalk& walk) {
    const Status error = bytes_->ErrorBetween(gap.position, std::max(gap.end, gap.position + 1));
    bool damage = !found_.file.last || gap.misfit || found_.sealed ||
                  gap.position < proven_position_ || !error.ok();
    if (!damage) {
      const auto proof = ProofAgainst(*bytes_, {*found_.salt, gap.position}, found_.size);
      if (!proof.ok()) return proof.status();
      damage = proof->has_value();
    }
    if (found_.file.last && !gap.misfit) {
      Result<bool> come = walk.HasComeMeanwhile(gap);
      if (!come.ok() || *come) return come;
    }
    if (!damage) {
      found_.AddFault(Fault::Kind::kTornTail, gap.position, gap.what, gap.first_offset,
                      gap.first_offset);
      return false;
    }
    const std::string behind_seal = found_.sealed ? "there is something behind the seal" : gap.what;
    found_.AddFault(Fault::Kind::kDamage, gap.position, error.ok() ? behind_seal : error.message(),
                    gap.first_offset, gap.next_offset);
    found_.end = {gap.end, gap.next_offset};
    reached_end_ = gap.end >= found_.size;
    found_.faults.back().takes_more = reached_end_ && found_.file.last && !found_.sealed;
    return true;
  }

  bool IsRightByNow() {
    const Result<std::string> bytes = ReadFile(files_, found_.file.index_path(), kIndexBytesMax);
    return bytes.ok() && SparseIndex(found_.file.first_offset).Decode(*bytes, *found_.salt).ok() &&
           found_.file.last;
  }

  void NoteIndex(std::string what) {
    found_.faults.push_back({Fault::Kind::kIndex, found_.file.index_path(), 0, std::move(what),
                             found_.file.first_offset, found_.file.first_offset});
  }

  FileSystem& files_;
  const log::LogId log_;
  const ExamHooks& hooks_;
  std::unique_ptr<SalvageFile> bytes_;
  std::optional<IndexExam> index_;
  std::uint64_t proven_position_ = 0;
  bool reached_end_ = false;  // by a gap
  ExaminedSegment found_;
};

}  // namespace

bool HasFault(const std::vector<Fault>& faults, Fault::Kind kind) {
  return std::any_of(faults.begin(), faults.end(),
                     [&](const Fault& fault) { return fault.kind == kind; });
}

Fault& ExaminedSegment::AddFault(Fault::Kind kind, std::uint64_t position, std::string what,
                                 Offset first_offset, Offset next_offset) {
  faults.push_back({kind, file.path, position, std::move(what), first_offset, next_offset});
  return faults.back();
}

Result<std::unique_ptr<SalvageFile>> OpenSalvaging(FileSystem& files, const std::string& path) {
  Result<std::unique_ptr<File>> file = files.Open(path, FileSystem::Mode::kRead);
  if (!file.ok()) return file.status();
  return std::make_unique<SalvageFile>(std::move(*file));
}

Result<ExaminedSegment> ExamineSegment(FileSystem& files, const SegmentFile& file,
                                       const log::LogId& log, const ExamHooks& hooks) {
  return SegmentExam(files, file, log, hooks).Run();
}

}  // namespace daybook::disk
