// The file `keys` of a log's folder: which idempotency keys are remembered. It is written anew
// whenever a segment ends and at a clean stop, so that keys outlive the segments that they are in;
// those of later frames are found again in these.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/mutex.h"
#include "base/status.h"
#include "disk/format.h"
#include "disk/segment.h"
#include "log/idempotency.h"

namespace daybook::disk {

inline constexpr std::string_view kKeysName = "keys";
// No such file is larger.
inline constexpr std::size_t kKeysBytesMax = 512 << 20;

class KeyCheckpoint {
 public:
  // `covered`: the end up to which the file that is there tells.
  KeyCheckpoint(FileSystem& files, std::string folder, const log::LogId& id, Offset covered);

  // `window` is to be saved, of a log that ends at `end`, all of it durable. Any thread.
  void Offer(const log::IdempotencyWindow& window, Offset end);

  // Saves what was offered last. After an error it is still to be saved, and the file is as it was,
  // or new. Any thread.
  Status Save();

 private:
  FileSystem& files_;
  const std::string folder_;
  const log::LogId id_;
  Mutex saving_;  // held while the file is written
  Mutex mutex_;
  Offset covered_ GUARDED_BY(mutex_);  // by what is saved or offered
  std::optional<std::string> offered_ GUARDED_BY(mutex_);
};

// Fills `window`, which is empty, with the keys that the log's folder tells of and that are to be
// remembered `now`. `segments` are all that there are. Returns the end up to which the file told,
// which may be missing or unreadable. kIo: a segment cannot be read.
Result<Offset> RestoreWindow(FileSystem& files, const std::string& folder, const log::LogId& id,
                             const std::vector<LogSegment>& segments, Timestamp now,
                             log::IdempotencyWindow& window);

}  // namespace daybook::disk
