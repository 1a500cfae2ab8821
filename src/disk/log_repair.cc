#include "disk/log_repair.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "disk/frame_walk.h"
#include "disk/log_folder.h"
#include "disk/segment_rewrite.h"
#include "disk/segment_writer.h"
#include "disk/sparse_index.h"

namespace daybook::disk {
namespace {

// Of files of one segment that are kept.
constexpr int kDamagedKept = 1000;

class Planner {
 public:
  Planner(const ExaminedLog& log, Timestamp now) : log_(log), now_(now) {
    plan_.folder = log.folder;
    plan_.meta = {log.id, log.first_offset};
    plan_.writes_meta = !log.meta_valid;
    plan_.taken_away = log.strays;
  }

  Result<LogRepair> Make() {
    expected_ = log_.first_offset;
    const std::vector<ExaminedSegment>& segments = log_.segments;
    if (segments.empty() || EndsBeforeItsBeginning()) {
      Write(std::nullopt, expected_, expected_, false);
      return std::move(plan_);
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const bool last = i + 1 == segments.size();
      if (Status status = Place(segments[i], i == 0, last); !status.ok()) return status;
    }
    return std::move(plan_);
  }

 private:
  // A segment then begins where meta says that the log does; the others are behind it.
  bool EndsBeforeItsBeginning() const {
    return log_.segments.back().end.offset < log_.first_offset;
  }

  Status Place(const ExaminedSegment& segment, bool first, bool last) {
    const Offset begin = segment.file.first_offset;
    const Offset end = segment.end.offset;
    if (begin > expected_) {
      if (Status status = FillUpTo(begin); !status.ok()) return status;
    }
    const bool overlaps = begin < expected_ && !first;
    if (overlaps && end <= expected_) return TakeAway(segment);
    if (segment.IsDamaged() || overlaps) {
      if (end - begin > UINT32_MAX) return TooLarge(begin, end);
      Write(segment, overlaps ? expected_ : begin, end, !last || segment.sealed);
      if (overlaps) plan_.taken_away.push_back(segment.file);
    } else if (HasFault(segment.faults, Fault::Kind::kIndex)) {
      plan_.indexed.push_back(segment);
    }
    expected_ = std::max(expected_, end);
    if (segment.created) created_ = segment.created;
    rewritten_ = segment.IsDamaged() || overlaps;
    return {};
  }

  Status TakeAway(const ExaminedSegment& segment) {
    plan_.taken_away.push_back(segment.file);
    return {};
  }

  // Lost records up to `offset`: at the end of the segment before, where that is written anew.
  Status FillUpTo(Offset offset) {
    if (offset - expected_ > UINT32_MAX) return TooLarge(expected_, offset);
    if (rewritten_ && offset - plan_.segments.back().first_offset <= UINT32_MAX) {
      plan_.segments.back().next_offset = offset;
    } else {
      Write(std::nullopt, expected_, offset, true);
    }
    expected_ = offset;
    return {};
  }

  Status TooLarge(Offset from, Offset to) const {
    return {StatusCode::kDamaged,
            log_.folder + ": no segment can have had the offsets " + std::to_string(from.value) +
                " to " + std::to_string(to.value) + ", which its files say are missing"};
  }

  void Write(std::optional<ExaminedSegment> source, Offset first_offset, Offset next_offset,
             bool sealed) {
    // Else that of a segment beside it, so that no record seems to be younger than those behind it.
    Timestamp created = created_ ? *created_ : log_.created;
    if (source && source->created) created = *source->created;
    if (created == Timestamp()) created = now_;
    plan_.segments.push_back({std::move(source), created, first_offset, next_offset, sealed});
  }

  const ExaminedLog& log_;
  const Timestamp now_;
  LogRepair plan_;
  Offset expected_;
  std::optional<Timestamp> created_;  // of the segment before
  bool rewritten_ = false;            // the segment before
};

Status RemoveIfThere(FileSystem& files, const std::string& path) {
  if (!files.Open(path, FileSystem::Mode::kRead).ok()) return {};
  return files.Remove(path);
}

// The index of a segment that is whole.
Status MakeIndex(FileSystem& files, const ExaminedSegment& segment) {
  Result<std::unique_ptr<SalvageFile>> file = OpenSalvaging(files, segment.file.path);
  if (!file.ok()) return file.status();
  FrameWalk walk(**file, *segment.salt, segment.file.first_offset, segment.size);
  SparseIndex index(segment.file.first_offset);
  for (;;) {
    const Result<std::optional<FrameWalk::Step>> step = walk.Next();
    if (!step.ok()) return step.status();
    if (!*step) break;
    const auto* const frame = std::get_if<FrameWalk::Frame>(&**step);
    if (frame == nullptr) return {};  // of a torn tail: the next start makes what it needs
    index.Add(frame->header.first_offset, frame->position);
  }
  if (!segment.sealed) return RemoveIfThere(files, segment.file.index_path());
  return WriteIndex(files, segment.file.index_path(), index, *segment.salt, walk.position());
}

// Keeps the files that are to be replaced or taken away.
Status KeepOldFiles(FileSystem& files, const LogRepair& repair) {
  std::vector<std::string> old;
  for (const SegmentRepair& segment : repair.segments) {
    if (segment.source) old.push_back(segment.source->file.path);
  }
  for (const SegmentFile& file : repair.taken_away) {
    if (std::find(old.begin(), old.end(), file.path) == old.end()) old.push_back(file.path);
  }
  for (const std::string& path : old) {
    if (Status status = KeepDamaged(files, path); !status.ok()) return status;
  }
  return files.SyncFolder(repair.folder);
}

Status TakeAway(FileSystem& files, const LogRepair& repair) {
  for (const SegmentFile& file : repair.taken_away) {
    const bool replaced = std::any_of(
        repair.segments.begin(), repair.segments.end(),
        [&](const SegmentRepair& each) { return each.first_offset == file.first_offset; });
    if (replaced) continue;
    if (Status status = RemoveIfThere(files, file.index_path()); !status.ok()) return status;
    if (Status status = files.Remove(file.path); !status.ok()) return status;
  }
  return files.SyncFolder(repair.folder);
}

}  // namespace

Result<LogRepair> PlanRepair(const ExaminedLog& log, Timestamp now) {
  return Planner(log, now).Make();
}

Status KeepDamaged(FileSystem& files, const std::string& path) {
  for (int number = 0; number < kDamagedKept; ++number) {
    std::string kept = path + std::string(kDamagedSuffix);
    if (number > 0) kept += "." + std::to_string(number);
    if (files.Open(kept, FileSystem::Mode::kRead).status().code() == StatusCode::kNotFound)
      return files.Link(path, kept);
  }
  return {StatusCode::kIo, path + " is kept under " + std::to_string(kDamagedKept) +
                               " names by earlier repairs; remove some"};
}

Status Repair(FileSystem& files, const LogRepair& repair) {
  std::vector<std::unique_ptr<SegmentRewrite>> rewrites;
  for (const SegmentRepair& segment : repair.segments) {
    rewrites.push_back(std::make_unique<SegmentRewrite>(files, repair.folder, repair.meta.log));
    if (Status status = rewrites.back()->Write(segment); !status.ok()) return status;
  }
  if (Status status = KeepOldFiles(files, repair); !status.ok()) return status;
  for (const auto& rewrite : rewrites) {
    if (Status status = rewrite->Publish(); !status.ok()) return status;
  }
  if (Status status = TakeAway(files, repair); !status.ok()) return status;
  for (const ExaminedSegment& segment : repair.indexed) {
    if (Status status = MakeIndex(files, segment); !status.ok()) return status;
  }
  if (Status status = files.SyncFolder(repair.folder); !status.ok()) return status;
  if (!repair.writes_meta) return {};
  return ReplaceMeta(files, repair.folder, repair.meta);
}

}  // namespace daybook::disk
