// Recovery brings a log's folder into the state that its last acknowledged append left it in, and
// tells what is there. FORMAT.md says by which rules.
//
// It may be interrupted at any point and begun again. It refuses (kDamaged, naming file and
// position) rather than giving up anything that was acknowledged.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/file_cache.h"
#include "disk/format.h"
#include "disk/segment.h"

namespace daybook::disk {

struct RecoveryReport {
  std::chrono::nanoseconds duration{0};
  std::uint64_t segments = 0;
  std::uint64_t scanned_bytes = 0;
  std::uint64_t cut_bytes = 0;        // of a torn tail, never acknowledged
  std::uint64_t rewritten_bytes = 0;  // written again because no mark says that they are durable

  void Add(const RecoveryReport& other);
};

struct RecoveredLog {
  Meta meta;
  std::vector<LogSegment> segments;  // by offset, without gaps; at least one
  bool last_is_sealed = false;
  bool last_ends_with_mark = false;
  Timestamp last_timestamp;
  RecoveryReport report;
};

// How far the recovery of logs, one after the other, has come, for any thread.
struct RecoveryProgress {
  std::atomic<std::uint64_t> segments{0};  // there are
  std::atomic<std::uint64_t> segments_done{0};
  std::atomic<std::uint64_t> scanned_bytes{0};
};

struct RecoveryOptions {
  RecoveryProgress* progress = nullptr;
  FileCache* readers = nullptr;  // for the files that are read
  bool is_clean = false;         // all that is there is durable (see DataFolder)
  // Who calls makes durable what this has written, before anything of it is relied on.
  bool is_synced_later = false;
};

// `folder` has a valid meta; other files in it than a log's are left alone.
Result<RecoveredLog> RecoverLog(FileSystem& files, const std::string& folder,
                                const RecoveryOptions& options = {});

}  // namespace daybook::disk
