// The records of a log as they stand in a data folder, for a process that holds no lock, also while
// a server appends to it, and also where something cannot be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/status.h"
#include "base/types.h"
#include "log/record.h"

namespace daybook::disk {

// Records that are not told of, from `first_offset` to before `next_offset`; where both are the
// same, none or nobody knows which.
struct MissingRecords {
  Offset first_offset;
  Offset next_offset;
  Status why;  // kDamaged names file and position; kLost, kTrimmed
};

// Both return whether to go on: an error ends the dump, and is what it returns.
class DumpTarget {
 public:
  virtual ~DumpTarget() = default;
  // In the order of offsets. The views live until the call returns.
  virtual Status OnRecord(const log::RecordView& record) = 0;
  virtual Status OnMissing(const MissingRecords& missing) = 0;
};

struct DumpRange {
  std::optional<Offset> from;  // none: the first that there is
  std::uint64_t records_max = UINT64_MAX;
};

// Tells `target` of the log's records. `log` is a name in the catalogue, or an id, for which the
// catalogue is not asked. kNotFound: there is no such folder or log. kTrimmed, kBeyondEnd: `from`
// is not in the log.
Status DumpRecords(FileSystem& files, const std::string& data_folder, const std::string& log,
                   const DumpRange& range, DumpTarget& target);

}  // namespace daybook::disk
