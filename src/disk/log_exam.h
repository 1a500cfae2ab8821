// What is wrong with a log's files, all segments together, and what can still be read of it. See
// segment_exam.h.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/inspect.h"
#include "disk/segment_exam.h"

namespace daybook::disk {

struct ExaminedLog {
  std::string folder;
  log::LogId id;
  bool meta_valid = false;
  Timestamp created;                      // its first segment, as far as is known
  Offset first_offset;                    // as meta says; without it that of the first segment
  Offset next_offset;                     // behind the last record that is known of
  std::vector<ExaminedSegment> segments;  // by offset
  std::vector<SegmentFile> strays;        // named like segments, and cannot be the log's
  std::vector<Fault> faults;              // of all of it, the segments' own among them, in order

  bool IsDamaged() const { return HasFault(faults, Fault::Kind::kDamage); }
};

// `look` is what stands in the folder, which may have lost its oldest segments since.
Result<ExaminedLog> ExamineLog(FileSystem& files, const LogFiles& look, const log::LogId& id,
                               const ExamHooks& hooks);

}  // namespace daybook::disk
