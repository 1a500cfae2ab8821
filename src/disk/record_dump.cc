#include "disk/record_dump.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "disk/append_body.h"
#include "disk/inspect.h"

namespace daybook::disk {
namespace {

Result<log::LogId> FindLog(FileSystem& files, const std::string& data_folder,
                           const std::string& name) {
  if (const auto id = log::LogId::Parse(name)) return *id;
  const Result<std::vector<CatalogueEntry>> entries = LookIntoCatalogue(files, data_folder);
  if (!entries.ok()) return entries.status();
  if (const CatalogueEntry* const entry = FindByName(*entries, name)) return entry->id;
  return Status(StatusCode::kNotFound, data_folder + " has no log that is named " + name);
}

class LogDump {
 public:
  LogDump(FileSystem& files, const std::string& data_folder, const log::LogId& id,
          const DumpRange& range, DumpTarget& target)
      : files_(files),
        folder_(LogFolderIn(data_folder, id)),
        id_(id),
        range_(range),
        target_(target) {}

  Status Run() {
    const Result<LogFiles> log = LookIntoLog(files_, folder_);
    if (!log.ok()) return log.status();
    if (Status status = Begin(*log); !status.ok()) return status;
    for (std::size_t i = 0; i < log->segments.size() && !full(); ++i) {
      const SegmentFile& segment = log->segments[i];
      const Offset next = segment.last ? segment.first_offset : log->segments[i + 1].first_offset;
      if (!segment.last && next <= next_) continue;
      if (Status status = DumpSegment(segment, next); !status.ok()) return status;
    }
    if (end_ >= next_ || full()) return {};
    return log::BeyondEnd(next_, end_);
  }

 private:
  bool full() const { return records_ >= range_.records_max; }

  // Where the dump begins: with `from`, or with the first record that there is.
  Status Begin(const LogFiles& log) {
    Offset first_offset;
    if (log.meta.ok()) {
      first_offset = log.meta->first_offset;
    } else if (!log.segments.empty()) {
      first_offset = log.segments.front().first_offset;
    }
    if (log.meta.ok() && range_.from && *range_.from < first_offset)
      return log::Trimmed(*range_.from, first_offset);
    next_ = std::max(first_offset, range_.from.value_or(first_offset));
    if (!log.meta.ok()) return Miss(next_, next_, log.meta.status());
    if (!log.segments.empty() && log.segments.front().first_offset <= first_offset) return {};
    return Miss(next_, log.segments.empty() ? next_ : log.segments.front().first_offset,
                Damaged(std::string(folder_).append("/").append(SegmentName(first_offset)), 0,
                        "there is no segment with the log's first offset"));
  }

  // `next`: with which offset the next segment begins; of the last one its own.
  Status DumpSegment(const SegmentFile& segment, Offset next) {
    const Result<OpenSegment> opened = OpenForReading(files_, segment, id_);
    if (opened.status().code() == StatusCode::kNotFound) return Vanished(segment, next);
    const Status readable = opened.ok() ? opened->header.status() : opened.status();
    if (!readable.ok()) return Miss(segment.first_offset, next, readable);
    end_ = std::max(end_, segment.first_offset);
    if (Status status = WalkFrames(*opened, segment); !status.ok()) return status;
    if (full() || end_ >= next) return {};
    return Miss(
        end_, next,
        Damaged(segment.path, opened->size, "its records end before the next segment's begin"));
  }

  // Retention may have taken it away since its name was read.
  Status Vanished(const SegmentFile& segment, Offset next) {
    const Result<LogFiles> now = LookIntoLog(files_, folder_);
    if (!now.ok()) return now.status();
    if (now->meta.ok() && now->meta->first_offset > segment.first_offset)
      return Miss(segment.first_offset, next, log::Trimmed(next_, now->meta->first_offset));
    return Miss(segment.first_offset, next, Damaged(segment.path, 0, "there is no such file"));
  }

  Status WalkFrames(const OpenSegment& opened, const SegmentFile& segment) {
    FrameWalk walk(*opened.file, opened.header->salt, segment.first_offset, opened.size);
    while (!full()) {
      const Result<std::optional<FrameWalk::Step>> step = walk.Next();
      if (!step.ok()) return Miss(end_, end_, step.status());
      if (!*step) return {};
      Status status;
      if (const auto* const frame = std::get_if<FrameWalk::Frame>(&**step)) {
        status = OnFrame(*frame);
      } else {
        const FrameWalk::Gap& gap = std::get<FrameWalk::Gap>(**step);
        const Result<GapKind> kind = JudgeGap(opened, segment, walk, gap);
        if (!kind.ok()) return kind.status();
        if (*kind == GapKind::kEnd) return {};
        if (*kind == GapKind::kDamage) {
          status = Miss(gap.first_offset, gap.next_offset,
                        Damaged(segment.path, gap.position, gap.what));
        }
      }
      if (!status.ok()) return status;
    }
    return {};
  }

  Status OnFrame(const FrameWalk::Frame& frame) {
    const Offset first_offset = frame.header.first_offset;
    if (frame.header.type == FrameType::kLost) {
      return Miss(first_offset, frame.next_offset(),
                  Lost(std::max(next_, first_offset), frame.next_offset()));
    }
    end_ = std::max(end_, frame.next_offset());
    if (frame.header.type != FrameType::kAppend || end_ <= next_) return {};
    AppendBodyReader reader(frame.body);
    Offset offset = first_offset;
    for (auto record = reader.Next(); record && !full(); record = reader.Next()) {
      record->offset = std::exchange(offset, offset + 1);
      record->timestamp = frame.header.timestamp;
      if (record->offset < next_) continue;
      next_ = offset;
      ++records_;
      if (Status status = target_.OnRecord(*record); !status.ok()) return status;
    }
    return {};
  }

  // Tells of what is missing, unless it is before the range, and goes on behind it.
  Status Miss(Offset first_offset, Offset next_offset, Status why) {
    end_ = std::max(end_, next_offset);
    if (range_.from && first_offset < *range_.from && next_offset <= *range_.from) return {};
    const MissingRecords missing{std::max(next_, first_offset), std::max(next_, next_offset),
                                 std::move(why)};
    next_ = missing.next_offset;
    return target_.OnMissing(missing);
  }

  FileSystem& files_;
  const std::string folder_;
  const log::LogId id_;
  const DumpRange range_;
  DumpTarget& target_;
  Offset next_;  // all before it were told of, are missing, or are before the range
  Offset end_;   // behind what was found
  std::uint64_t records_ = 0;
};

}  // namespace

Status DumpRecords(FileSystem& files, const std::string& data_folder, const std::string& log,
                   const DumpRange& range, DumpTarget& target) {
  const Result<log::LogId> id = FindLog(files, data_folder, log);
  if (!id.ok()) return id.status();
  return LogDump(files, data_folder, *id, range, target).Run();
}

}  // namespace daybook::disk
