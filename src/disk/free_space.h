// FreeSpace knows what of the disk appends may take, and whether it is full.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>

#include "base/file_system.h"
#include "base/status.h"

namespace daybook::disk {

// Used by one thread at a time, but for IsFull(), which any may ask.
class FreeSpace {
 public:
  // `reserve_bytes` of the file system that has `folder` stay free; `files` outlives this.
  FreeSpace(FileSystem& files, std::string folder, std::uint64_t reserve_bytes);

  // A group of appends begins: what it takes is counted from here.
  void Begin();
  // kNoSpace: so many bytes more would be of those that stay free.
  Status Take(std::uint64_t bytes);
  // An append of that size had no room.
  void NoteRefused(std::uint64_t bytes) { refused_bytes_ = std::max(refused_bytes_, bytes); }
  void End();

  // Whether what had no room last would have none now.
  bool IsFull() const;

 private:
  FileSystem& files_;
  const std::string folder_;
  const std::uint64_t reserve_bytes_;
  Result<std::uint64_t> left_bytes_ = 0;        // for the group; where some are reserved
  std::uint64_t refused_bytes_ = 0;             // the largest append of the group that had no room
  std::atomic<std::uint64_t> wanted_bytes_{0};  // free, for what was refused; 0: nothing was
};

}  // namespace daybook::disk
