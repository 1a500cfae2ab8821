// JournalFile is one file of the journal: groups of frames that belong to several segments, each
// group durable with one sync. FORMAT.md draws it ("The journal").
//
// Used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "base/types.h"
#include "disk/format.h"
#include "log/log_id.h"

namespace daybook::disk {

// Frames that stand one behind the other in a segment, or are to.
struct JournalPartPlace {
  log::LogId log;
  Offset segment;              // the first offset of the segment that they belong to
  std::uint64_t position = 0;  // bytes into it
};

// A group on its way into a journal: a frame of which only the header is missing.
class JournalGroup {
 public:
  // How large one will be.
  struct Size {
    std::uint32_t parts = 0;
    std::uint64_t bytes = kFrameHeaderBytes + kFrameAlignment;  // or a little less

    // Of frames of so many bytes; without any, it is none.
    void AddPart(std::uint64_t frames_bytes);
  };

  explicit JournalGroup(const Size& size);

  void Add(const JournalPartPlace& place, const std::vector<std::string>& frames);

 private:
  friend class JournalFile;

  std::string bytes_;
  std::uint32_t parts_ = 0;
};

// Reads a journal's frame part by part. Every length is checked against what is left before it is
// used, so any bytes may be given.
class JournalBodyReader {
 public:
  struct Part {
    JournalPartPlace place;
    std::string_view frames;
  };

  explicit JournalBodyReader(std::string_view body) : rest_(body) {}
  // False: there is none, or the bytes are none.
  bool Next(Part& part);
  // True when the body ended exactly behind a part.
  bool complete() const { return !broken_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool broken_ = false;
};

class JournalFile {
 public:
  // Makes an empty file of that size, whose blocks were all written once, so that a sync has
  // nothing to do but to write. kNoSpace: nothing of it is left.
  static Result<std::unique_ptr<JournalFile>> Create(FileSystem& files, const std::string& folder,
                                                     const log::LogId& catalogue, Offset number,
                                                     std::uint64_t bytes, Timestamp now);
  // Makes this file, of which nothing is needed any more, an empty one with that number. Durably,
  // in such steps that a start finds it as it was, or empty, or not at all.
  Status Renew(Offset number, Timestamp now);
  Status Remove();

  bool HasRoomFor(std::uint64_t bytes) const { return position_ + bytes <= bytes_; }
  bool empty() const { return position_ == kSegmentHeaderBytes; }
  // Durable when it returned OK; after an error nothing is known of it.
  Status Append(JournalGroup group, Timestamp now);

  const std::string& path() const { return path_; }
  std::uint64_t position() const { return position_; }

 private:
  JournalFile(FileSystem& files, std::string folder, const log::LogId& catalogue,
              std::uint64_t bytes)
      : files_(files), folder_(std::move(folder)), catalogue_(catalogue), bytes_(bytes) {}

  std::string PathOf(Offset number) const { return folder_ + "/" + JournalName(number); }
  Status Fill();
  Status Begin(Offset number, Timestamp now);

  FileSystem& files_;
  const std::string folder_;
  const log::LogId catalogue_;
  const std::uint64_t bytes_;
  std::string path_;
  std::unique_ptr<File> file_;
  std::uint64_t salt_ = 0;
  std::uint64_t position_ = kSegmentHeaderBytes;
  std::uint64_t groups_ = 0;
};

}  // namespace daybook::disk
