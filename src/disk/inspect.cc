#include "disk/inspect.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "disk/append_body.h"
#include "disk/frame_walk.h"
#include "disk/log_folder.h"
#include "disk/read_file.h"
#include "disk/segment.h"
#include "disk/segment_scan.h"

namespace daybook::disk {
namespace {

// Applies what an append frame of the catalogue holds.
Status Apply(const std::string& path, const FrameWalk::Frame& frame, CatalogueState& state) {
  AppendBodyReader records(frame.body);
  for (Offset offset = frame.header.first_offset; auto record = records.Next();
       offset = offset + 1) {
    record->offset = offset;
    if (Status status = state.Apply(*record); !status.ok())
      return Damaged(path, frame.position, status.message());
  }
  return {};
}

Status ApplySegment(FileSystem& files, const SegmentFile& segment, const Meta& meta,
                    CatalogueState& state) {
  const Result<OpenSegment> opened = OpenForReading(files, segment, meta.log);
  if (!opened.ok()) return opened.status();
  return WalkSegment(*opened, segment,
                     [&](const FrameWalk::Frame& frame) {
                       return frame.header.type == FrameType::kAppend
                                  ? Apply(segment.path, frame, state)
                                  : Status();
                     })
      .status();
}

// Where its header says that the segment belongs; none where that is where it is.
std::optional<Offset> RightPlaceOf(FileSystem& files, const SegmentFile& segment,
                                   const log::LogId& id) {
  const Result<std::string> bytes = ReadFile(files, segment.path, kSegmentHeaderBytes);
  if (!bytes.ok()) return std::nullopt;
  const Result<SegmentHeader> header = DecodeSegmentHeader(*bytes);
  if (!header.ok() || header->log != id || header->first_offset == segment.first_offset)
    return std::nullopt;
  return header->first_offset;
}

}  // namespace

Result<LogFiles> LookIntoLog(FileSystem& files, const std::string& folder) {
  // A list that is made while segments come may have one and miss another that came before it. A
  // second list has all that are in the first, and were not taken away, and all before them. Meta
  // is read last, for retention writes it before it takes segments away.
  const Result<std::vector<std::string>> before = files.List(folder);
  if (!before.ok()) return before.status();
  const Result<std::vector<std::string>> names = files.List(folder);
  if (!names.ok()) return names.status();
  LogFiles log{folder, ReadMeta(files, folder + "/meta"), {}};
  Offset last;
  for (const std::string& name : *before)
    last = std::max(last, ParseSegmentName(name).value_or(Offset()));
  for (const std::string& name : *names) {
    const auto first_offset = ParseSegmentName(name);
    if (first_offset && *first_offset <= last)
      log.segments.push_back({std::string(folder).append("/").append(name), *first_offset});
  }
  if (log.meta.ok()) {
    const auto covers = [&](const SegmentFile& next) {
      return next.first_offset > log.meta->first_offset;
    };
    const auto next = std::find_if(log.segments.begin(), log.segments.end(), covers);
    if (next - log.segments.begin() > 1) log.segments.erase(log.segments.begin(), next - 1);
  }
  if (!log.segments.empty()) log.segments.back().last = true;
  return log;
}

std::vector<MisnamedSegment> PlaceMisnamed(FileSystem& files, const log::LogId& id, LogFiles& log) {
  std::vector<MisnamedSegment> misnamed;
  const auto is_moved = [&](const std::string& path) {
    return std::any_of(misnamed.begin(), misnamed.end(),
                       [&](const MisnamedSegment& each) { return each.path == path; });
  };
  const auto is_free = [&](const std::string& path, Offset first_offset) {
    const bool placed =
        std::any_of(log.segments.begin(), log.segments.end(),
                    [&](const SegmentFile& each) { return each.first_offset == first_offset; });
    return !placed &&
           (is_moved(path) ||
            files.Open(path, FileSystem::Mode::kRead).status().code() == StatusCode::kNotFound);
  };
  // One that gets its place may leave another's.
  for (bool any = true; any;) {
    any = false;
    for (SegmentFile& segment : log.segments) {
      const std::optional<Offset> right = RightPlaceOf(files, segment, id);
      if (!right) continue;
      const std::string right_path = log.folder + "/" + SegmentName(*right);
      if (!is_free(right_path, *right)) continue;
      misnamed.push_back({segment.path, right_path});
      segment.first_offset = *right;
      any = true;
    }
  }
  std::sort(log.segments.begin(), log.segments.end(),
            [](const auto& a, const auto& b) { return a.first_offset < b.first_offset; });
  for (SegmentFile& segment : log.segments) segment.last = &segment == &log.segments.back();
  return misnamed;
}

Result<GapKind> JudgeGap(const OpenSegment& opened, const SegmentFile& segment, FrameWalk& walk,
                         const FrameWalk::Gap& gap) {
  const auto proof =
      ProofAgainst(*opened.file, {opened.header.value().salt, gap.position}, opened.size);
  if (!proof.ok()) return proof.status();
  if (segment.last && !*proof && !gap.misfit) return GapKind::kEnd;
  const Result<bool> come = walk.HasComeMeanwhile(gap);
  if (!come.ok()) return come.status();
  return *come ? GapKind::kComeMeanwhile : GapKind::kDamage;
}

Result<SegmentEnd> WalkSegment(const OpenSegment& opened, const SegmentFile& segment,
                               const std::function<Status(const FrameWalk::Frame&)>& on_frame) {
  if (!opened.header.ok()) return opened.header.status();
  FrameWalk walk(*opened.file, opened.header->salt, segment.first_offset, opened.size);
  SegmentEnd end{kSegmentHeaderBytes, segment.first_offset};
  bool sealed = false;
  for (;;) {
    const Result<std::optional<FrameWalk::Step>> step = walk.Next();
    if (!step.ok()) return step.status();
    if (!*step) break;
    if (sealed) return Damaged(segment.path, end.position, "there is something behind the seal");
    if (const auto* const frame = std::get_if<FrameWalk::Frame>(&**step)) {
      if (Status status = on_frame(*frame); !status.ok()) return status;
      end = {walk.position(), walk.offset()};
      sealed = frame->header.seal;
      continue;
    }
    const FrameWalk::Gap& gap = std::get<FrameWalk::Gap>(**step);
    const Result<GapKind> kind = JudgeGap(opened, segment, walk, gap);
    if (!kind.ok()) return kind.status();
    if (*kind == GapKind::kDamage) return Damaged(segment.path, gap.position, gap.what);
    if (*kind == GapKind::kEnd) break;
  }
  if (!segment.last && !sealed) {
    return Damaged(segment.path, end.position,
                   "there is no valid frame, and a later segment proves that there was one");
  }
  return end;
}

Result<std::vector<CatalogueEntry>> ReadEntries(FileSystem& files, const std::string& folder) {
  const Result<LogFiles> log = LookIntoLog(files, folder);
  if (!log.ok()) return log.status();
  if (!log->meta.ok()) return log->meta.status();
  CatalogueState state;
  for (const SegmentFile& segment : log->segments) {
    if (Status status = ApplySegment(files, segment, *log->meta, state); !status.ok())
      return status;
  }
  return state.entries();
}

Result<std::vector<CatalogueEntry>> LookIntoCatalogue(FileSystem& files,
                                                      const std::string& data_folder) {
  return ReadEntries(files, CatalogueFolderIn(data_folder));
}

}  // namespace daybook::disk
