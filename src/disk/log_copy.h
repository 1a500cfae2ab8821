// Copies of single logs: what a backup and a restore are made of.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"

namespace daybook::disk {

// What a copy of a log holds.
struct LogCopy {
  std::string name;  // as the catalogue has it; empty: it is the catalogue
  log::LogId id;
  Offset first_offset;
  Offset next_offset;
  std::uint64_t segments = 0;
  std::uint64_t linked_bytes = 0;  // of segments
  std::uint64_t copied_bytes = 0;
};

// Told of bytes that were read, as they are.
using OnBytes = std::function<void(std::uint64_t bytes)>;

enum class Sealed {
  kCopied,
  kLinked,  // where the file system can do that, else copied
};

// Makes the folder `to`, which is not there, with what the log in the folder `from` holds: an end
// that was never acknowledged is left out. Everything but the name of `to` is durable on return.
// The log may be appended to meanwhile; none of its segments may be taken away.
//
// Only the last segment is ever written to, so that a link to another one never alters; that is
// copied, and has no index, since that of a server's is written in place. kDamaged: see
// LookIntoLog() and WalkSegment().
Result<LogCopy> CopyLog(FileSystem& files, const std::string& from, const std::string& to,
                        Sealed sealed, const OnBytes& on_bytes);

// Reads every frame of the log in `folder`, and that its segments follow one another.
Status CheckLog(FileSystem& files, const std::string& folder, const OnBytes& on_bytes);

}  // namespace daybook::disk
