#include "disk/log_exam.h"

#include <algorithm>
#include <utility>

#include "disk/read_file.h"

namespace daybook::disk {
namespace {

constexpr int kLooksMax = 3;

std::string Range(Offset from, Offset to) {
  return std::to_string(from.value) + " to " + std::to_string(to.value - 1);
}

class LogExam {
 public:
  LogExam(FileSystem& files, LogFiles look, const ExamHooks& hooks)
      : files_(files), look_(std::move(look)), hooks_(hooks) {
    found_.folder = look_.folder;
  }

  Result<ExaminedLog> Run(const log::LogId& id) {
    found_.id = id;
    ExamineMeta();
    for (std::size_t i = 0; i < look_.segments.size();) {
      Result<ExaminedSegment> segment =
          ExamineSegment(files_, look_.segments[i], found_.id, hooks_);
      if (segment.status().code() == StatusCode::kNotFound) {
        if (Status status = LookAgain(); !status.ok()) return status;
        continue;
      }
      if (!segment.ok()) return segment.status();
      found_.segments.push_back(std::move(*segment));
      ++i;
    }
    Join();
    return std::move(found_);
  }

 private:
  void ExamineMeta() {
    const std::string path = look_.folder + "/meta";
    const Result<std::string> bytes = ReadFile(files_, path, kMetaBytes + 1);
    found_.meta_valid = look_.meta.ok() && look_.meta->log == found_.id;
    if (found_.meta_valid) {
      found_.first_offset = look_.meta->first_offset;
      return;
    }
    if (!look_.segments.empty()) found_.first_offset = look_.segments.front().first_offset;
    std::string what = "it is missing";
    if (look_.meta.ok()) {
      what = "it is of the log " + look_.meta->log.ToString();
    } else if (bytes.ok()) {
      what = DecodeMeta(*bytes).status().message();
    }
    const bool later = bytes.ok() && IsOfLaterVersion(*bytes);
    AddFault(later ? Fault::Kind::kUnknown : Fault::Kind::kDamage, path, what, Offset(), Offset());
  }

  // A segment has vanished: retention has moved the log's beginning, or it is missing.
  Status LookAgain() {
    if (++looks_ > kLooksMax)
      return {StatusCode::kUnavailable, look_.folder + " changes faster than it can be looked at"};
    Result<LogFiles> look = LookIntoLog(files_, look_.folder);
    if (!look.ok()) return look.status();
    const std::size_t done = found_.segments.size();
    const Offset next = look_.segments[done].first_offset;
    const auto behind = [&](const SegmentFile& segment) { return segment.first_offset >= next; };
    look_.segments.erase(look_.segments.begin() + static_cast<std::ptrdiff_t>(done),
                         look_.segments.end());
    const auto rest = std::find_if(look->segments.begin(), look->segments.end(), behind);
    look_.segments.insert(look_.segments.end(), rest, look->segments.end());
    if (look->meta.ok() && look->meta->first_offset > found_.first_offset) {
      found_.first_offset = look->meta->first_offset;
      found_.segments.clear();
      look_.segments = std::move(look->segments);
    }
    return {};
  }

  // Takes out what holds no record, and by its name so many behind the others that no log ever had
  // them.
  void SetStraysAside() {
    std::vector<ExaminedSegment> segments;
    Offset end = found_.first_offset;
    for (ExaminedSegment& segment : found_.segments) {
      const Offset first_offset = segment.file.first_offset;
      const bool empty = segment.records == 0 && segment.lost_records == 0;
      if (empty && first_offset > end && first_offset - end > UINT32_MAX) {
        AddFault(Fault::Kind::kDamage, segment.file.path, "it cannot be a segment of this log", end,
                 end);
        found_.strays.push_back(segment.file);
      } else {
        end = std::max(end, segment.end.offset);
        segments.push_back(std::move(segment));
      }
    }
    found_.segments = std::move(segments);
  }

  // Sees that each segment begins where the one before it ends.
  void Join() {
    SetStraysAside();
    Offset expected = found_.first_offset;
    for (const ExaminedSegment& segment : found_.segments) {
      if (found_.created == Timestamp()) found_.created = segment.created.value_or(Timestamp());
    }
    for (std::size_t i = 0; i < found_.segments.size(); ++i) {
      ExaminedSegment& segment = found_.segments[i];
      const Offset first_offset = segment.file.first_offset;
      if (first_offset > expected) {
        AddFault(Fault::Kind::kDamage, PathOf(expected),
                 "there is no segment with the offsets " + Range(expected, first_offset), expected,
                 first_offset);
      } else if (first_offset < expected && i > 0) {
        segment.AddFault(Fault::Kind::kDamage, 0,
                         "it begins with offset " + std::to_string(first_offset.value) +
                             ", and the records before it end with " +
                             std::to_string(expected.value - 1),
                         first_offset, first_offset);
      }
      if (i + 1 < found_.segments.size()) JoinTo(found_.segments[i + 1].file.first_offset, segment);
      found_.faults.insert(found_.faults.end(), segment.faults.begin(), segment.faults.end());
      expected = std::max(expected, segment.end.offset);
    }
    found_.next_offset = expected;
    if (found_.segments.empty()) {
      AddFault(Fault::Kind::kDamage, PathOf(expected),
               "there is no segment with the log's first offset", expected, expected);
    } else if (found_.segments.back().end.offset < found_.first_offset) {
      AddFault(Fault::Kind::kDamage, found_.folder + "/meta", "the log begins behind its end",
               Offset(), Offset());
    }
  }

  // Between a segment's last frame and the next segment, of which it is known that all before it
  // was durable.
  static void JoinTo(Offset next, ExaminedSegment& segment) {
    if (segment.sealed) return;
    const Offset end = segment.end.offset;
    // Of a segment that cannot be read, or whose end no frame has, it is told already.
    const auto last =
        std::find_if(segment.faults.rbegin(), segment.faults.rend(),
                     [](const Fault& fault) { return fault.kind != Fault::Kind::kIndex; });
    const bool told = last != segment.faults.rend() && last->next_offset == end &&
                      (!segment.salt || segment.end.position >= segment.size);
    if (!told) {
      segment.AddFault(Fault::Kind::kDamage, segment.end.position,
                       "there is no valid frame, and a later segment proves that there was one",
                       end, std::max(end, next));
    } else {
      last->next_offset = std::max(last->next_offset, next);
    }
    segment.end.offset = std::max(end, next);
  }

  std::string PathOf(Offset first_offset) const {
    return found_.folder + "/" + SegmentName(first_offset);
  }

  void AddFault(Fault::Kind kind, std::string path, std::string what, Offset first_offset,
                Offset next_offset) {
    found_.faults.push_back({kind, std::move(path), 0, std::move(what), first_offset, next_offset});
  }

  FileSystem& files_;
  LogFiles look_;
  const ExamHooks& hooks_;
  int looks_ = 0;
  ExaminedLog found_;
};

}  // namespace

Result<ExaminedLog> ExamineLog(FileSystem& files, const LogFiles& look, const log::LogId& id,
                               const ExamHooks& hooks) {
  return LogExam(files, look, hooks).Run(id);
}

}  // namespace daybook::disk
