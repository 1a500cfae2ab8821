// The repair of a log: what its damaged segments still have is written into new ones, and lost
// frames take the place of what they have not, so that every record that is there keeps its offset.
//
// A plan is made from an examination, and tells what would be lost; carrying it out changes the
// folder, which is to be locked by then. It may be interrupted at any point: the folder is refused
// by every start until it is through, and the next examination and repair bring it to its end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/status.h"
#include "disk/log_exam.h"

namespace daybook::disk {

// A segment that is to be written anew, or for the first time.
struct SegmentRepair {
  std::optional<ExaminedSegment> source;  // whose frames it gets
  Timestamp created;
  Offset first_offset;
  Offset next_offset;  // behind its last record; what is missing before is lost
  bool sealed = false;
};

struct LogRepair {
  std::string folder;
  Meta meta;
  bool writes_meta = false;
  std::vector<SegmentRepair> segments;
  std::vector<SegmentFile> taken_away;   // nothing is in them that is not elsewhere
  std::vector<ExaminedSegment> indexed;  // of which the index alone is made again

  bool IsNeeded() const { return writes_meta || !segments.empty() || !taken_away.empty(); }
};

// Behind the name of a segment as it was before a repair.
inline constexpr std::string_view kDamagedSuffix = ".damaged";

// kDamaged: what is there contradicts itself in a way that no repair mends.
Result<LogRepair> PlanRepair(const ExaminedLog& log, Timestamp now);

// kNoSpace: nothing was changed.
Status Repair(FileSystem& files, const LogRepair& repair);

// Gives a file a second name, of those that begin with its path and kDamagedSuffix.
Status KeepDamaged(FileSystem& files, const std::string& path);

}  // namespace daybook::disk
