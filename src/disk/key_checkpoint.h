// The file `keys` of a log's folder: which idempotency keys are remembered. It is written anew
// before a segment ends and at a clean stop, so that keys outlive the segments that they are in;
// those of later frames are found again in these.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"
#include "disk/segment.h"
#include "log/idempotency.h"

namespace daybook::disk {

inline constexpr std::string_view kKeysName = "keys";
// No such file is larger.
inline constexpr std::size_t kKeysBytesMax = 512 << 20;

// Writes `window`, of a log that ends at `end`, durably. kNoSpace: the file is as it was. kIo: it
// is as it was, or new.
Status SaveWindow(FileSystem& files, const std::string& folder, const log::LogId& id,
                  const log::IdempotencyWindow& window, Offset end);

// Fills `window`, which is empty, with the keys that the log's folder tells of and that are to be
// remembered `now`. `segments` are all that there are. Returns the end up to which the file told, 0
// where it is missing; none: it is not valid. kIo: a segment cannot be read.
Result<std::optional<Offset>> RestoreWindow(FileSystem& files, const std::string& folder,
                                            const log::LogId& id,
                                            const std::vector<LogSegment>& segments, Timestamp now,
                                            log::IdempotencyWindow& window);

}  // namespace daybook::disk
