// What is wrong with a segment, and what can still be read of it.
//
// Where recovery stops at the first place that is not as it should be, an examination goes on to
// the end; which of these places are damage it decides by recovery's rules. It changes nothing, and
// the segment may be appended to meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"
#include "disk/frame_walk.h"
#include "disk/inspect.h"
#include "disk/salvage_file.h"
#include "disk/segment.h"

namespace daybook::disk {

struct Fault {
  enum class Kind : std::uint8_t {
    kDamage,    // to what had been acknowledged, or proves that it had
    kTornTail,  // never acknowledged: the next start cuts it off
    kIndex,     // of an index, which can be made again
    kUnknown,   // of a later version, for one: nothing that this program could mend
  };

  Kind kind = Kind::kDamage;
  std::string path;
  std::uint64_t position = 0;
  std::string what;
  // The records that it takes; equal: none.
  Offset first_offset;
  Offset next_offset;
  bool takes_more = false;  // behind them, and nobody knows how many
};

bool HasFault(const std::vector<Fault>& faults, Fault::Kind kind);

struct ExaminedSegment {
  SegmentFile file;
  std::uint64_t size = 0;
  bool header_valid = false;
  std::optional<std::uint64_t> salt;  // of its frames; none: they cannot be read
  std::optional<Timestamp> created;   // as its header says
  // Behind its last frame, or what had been one; the torn tail is left out.
  SegmentEnd end;
  bool sealed = false;
  std::uint64_t frames = 0;  // of appends
  std::uint64_t records = 0;
  std::uint64_t lost_records = 0;  // that a repair gave up
  std::vector<Fault> faults;

  bool IsDamaged() const { return HasFault(faults, Fault::Kind::kDamage); }
  Fault& AddFault(Fault::Kind kind, std::uint64_t position, std::string what, Offset first_offset,
                  Offset next_offset);
};

// What an examination tells on its way; both may be called often.
struct ExamHooks {
  std::function<void(std::uint64_t bytes)> on_bytes = [](std::uint64_t) {};  // looked at since
  std::function<void(const std::string& path, const FrameWalk::Frame& frame)> on_frame =
      [](const std::string&, const FrameWalk::Frame&) {};
};

// kNotFound: it has vanished.
Result<ExaminedSegment> ExamineSegment(FileSystem& files, const SegmentFile& file,
                                       const log::LogId& log, const ExamHooks& hooks);

// Opens a segment so that as much of it as can be is read.
Result<std::unique_ptr<SalvageFile>> OpenSalvaging(FileSystem& files, const std::string& path);

}  // namespace daybook::disk
