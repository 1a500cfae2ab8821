// Backup and restore: a data folder, as it is at one moment, in another folder.
//
// What a copy holds is a data folder like any other, that a server can serve. While one is being
// made there is the file INCOMPLETE in it, and no server takes it; one that was not finished is
// begun anew by the next. Nothing is altered where it is made from, but for the empty file BACKUP.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/log_copy.h"

namespace daybook::disk {

enum class CopyPhase { kChecking, kCopying };

struct CopyOptions {
  // How long to wait for a server that is taking segments away.
  std::chrono::milliseconds patience{30'000};
  // Told of all bytes of a phase that were read so far.
  std::function<void(CopyPhase phase, std::uint64_t bytes)> on_progress = [](CopyPhase,
                                                                             std::uint64_t) {};
};

// Copies the data folder `from`, which a server may be appending to, to the folder `to`, which is
// not there or empty. Everything that was acknowledged before the call is in it. Sealed segments
// are links where that can be. Durable on return; after an error nothing of it is left, or the
// message says that something is. Returns what each log has, the catalogue first.
//
// kUnavailable: `to` is being served or written, or segments were being taken away for all the
// time. kInvalidArgument: `to` is not empty. kNotFound: `from` is no data folder. kDamaged names
// the place.
Result<std::vector<LogCopy>> Backup(FileSystem& files, const std::string& from,
                                    const std::string& to, const CopyOptions& options = {});

// The same, of a folder that nobody serves: every frame of it is read first, and nothing is linked.
// kUnavailable: `from` is being served.
Result<std::vector<LogCopy>> Restore(FileSystem& files, const std::string& from,
                                     const std::string& to, const CopyOptions& options = {});

}  // namespace daybook::disk
