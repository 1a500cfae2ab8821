// A segment as a file that is opened for reading, and what its header has to say.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"
#include "log/log_id.h"

namespace daybook::disk {

struct SegmentFile {
  std::string path;
  Offset first_offset;  // as its name says
  bool last = false;    // of its log; all others are sealed

  std::string index_path() const;
};

// The header at the segment's beginning, as `bytes` have it. kInvalidArgument says what is wrong
// with it there.
Result<SegmentHeader> HeaderOf(const SegmentFile& segment, const log::LogId& log,
                               std::string_view bytes);

// The bytes at the beginning of a segment or a journal that its header takes; fewer where the file
// is shorter.
Result<std::string> ReadHeaderBytes(const File& file);

struct OpenSegment {
  std::unique_ptr<File> file;    // for reading
  std::uint64_t size = 0;        // when it was opened
  Result<SegmentHeader> header;  // kDamaged
};

// `log` and the file's name are what the header has to say. kNotFound: it has vanished.
Result<OpenSegment> OpenForReading(FileSystem& files, const SegmentFile& segment,
                                   const log::LogId& log);

}  // namespace daybook::disk
