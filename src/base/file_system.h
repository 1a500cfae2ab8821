// FileSystem and File: the operating system's files as the disk engine uses them, so that a test
// can put one in their place that loses power.
//
// What they promise is what Linux promises. A write is in the page cache only. After File::Sync()
// returned OK, what was written to that file before is on the disk, and so is its size; its name is
// only after SyncFolder() of the folder that it is in. After a failed Sync() nothing is known of
// the pages that were dirty: they look clean and the next Sync() returns OK, so there must be none.
// A failure of a page is told once to each File that was open then; a File opened later may never
// hear of it.
//
// Errors are kIo, or kNoSpace for ENOSPC and EDQUOT, with the operation, the path and the errno.
// Calls may be made from any thread; those on one File that write or truncate, from one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace daybook {

// Closed when it is destroyed, which gives up its lock.
class File {
 public:
  explicit File(std::string path) : path_(std::move(path)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  const std::string& path() const { return path_; }

  // Reads from `position` (bytes) on; returns how many bytes were read, fewer than asked for only
  // at the end of the file.
  virtual Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> out) const = 0;
  // Writes the pieces one behind the other, in one call to the system where it takes them in one.
  // On an error any part of them may have been written.
  virtual Status WriteAt(std::uint64_t position, std::span<const std::string_view> pieces) = 0;
  // The same, of one piece.
  Status WriteBytesAt(std::uint64_t position, std::string_view bytes) {
    return WriteAt(position, {&bytes, 1});
  }
  // Makes room on the disk for `bytes` bytes from `position` on, so that writing them cannot fail
  // for want of it. What lies behind the end becomes part of the file and reads as zeros. False:
  // this file system cannot do that; nothing was done. On an error a part of it may have been done.
  virtual Result<bool> Reserve(std::uint64_t position, std::uint64_t bytes) = 0;
  // fdatasync(2).
  virtual Status Sync() = 0;
  virtual Status Truncate(std::uint64_t bytes) = 0;
  virtual Result<std::uint64_t> Size() const = 0;
  // flock(2), exclusive. kUnavailable: another File has it, in whatever process.
  virtual Status TryLock() = 0;
  // flock(2), shared, in the place of what this File had before. kUnavailable: another File has it
  // exclusively.
  virtual Status TryLockShared() = 0;

 private:
  const std::string path_;
};

// Makes durable what was written since this was made to any file of a file system, and its names.
class WholeSync {
 public:
  virtual ~WholeSync() = default;
  // Whether that is the file system which `path` leads to: there may be another below a name.
  virtual bool Covers(const std::string& path) const = 0;
  // Tells of a failure of whichever file; as after one of File::Sync(), there must be no second.
  virtual Status Sync() = 0;
};

class FileSystem {
 public:
  enum class Mode {
    kRead,
    kReadWrite,
    kCreate,        // for reading and writing; kIo where there is one of that name
    kOpenOrCreate,  // for reading and writing
  };

  virtual ~FileSystem() = default;

  // Of those below kNotFound: there is no such file, or no folder for it.
  virtual Result<std::unique_ptr<File>> Open(const std::string& path, Mode mode) = 0;
  virtual Status MakeFolder(const std::string& path) = 0;  // OK where it is there already
  virtual Status SyncFolder(const std::string& path) = 0;  // fsync(2) of the folder
  // The names in a folder, sorted.
  virtual Result<std::vector<std::string>> List(const std::string& path) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual Status Remove(const std::string& path) = 0;  // a file, or a folder that is empty
  virtual Status Link(const std::string& from, const std::string& to) = 0;
  // Of the file system that `path` is on, a file that is there. Null: failures of other files might
  // not be told there, so that each has to be synced by itself.
  virtual Result<std::unique_ptr<WholeSync>> BeginWholeSync(const std::string& path) = 0;
  // Bytes that this process may still use where `path` is.
  virtual Result<std::uint64_t> FreeBytes(const std::string& path) = 0;

  // The machine's own; lives for ever.
  static FileSystem& Posix();
};

}  // namespace daybook
