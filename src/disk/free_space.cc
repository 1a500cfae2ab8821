#include "disk/free_space.h"

#include <algorithm>
#include <utility>

namespace daybook::disk {

FreeSpace::FreeSpace(FileSystem& files, std::string folder, std::uint64_t reserve_bytes)
    : files_(files), folder_(std::move(folder)), reserve_bytes_(reserve_bytes) {}

void FreeSpace::Begin() {
  refused_bytes_ = 0;
  if (reserve_bytes_ > 0) left_bytes_ = files_.FreeBytes(folder_);
}

Status FreeSpace::Take(std::uint64_t bytes) {
  if (reserve_bytes_ == 0) return {};
  if (!left_bytes_.ok()) return left_bytes_.status();
  if (*left_bytes_ < reserve_bytes_ + bytes) {
    return {StatusCode::kNoSpace, "the disk has " + std::to_string(*left_bytes_) +
                                      " bytes left, and " + std::to_string(reserve_bytes_) +
                                      " are kept free"};
  }
  *left_bytes_ -= bytes;
  return {};
}

void FreeSpace::End() {
  std::uint64_t wanted_bytes = 0;
  if (refused_bytes_ > 0) {
    const Result<std::uint64_t> free_bytes = files_.FreeBytes(folder_);
    wanted_bytes = std::max(reserve_bytes_, free_bytes.ok() ? *free_bytes : 0) + refused_bytes_;
  }
  wanted_bytes_.store(wanted_bytes, std::memory_order_relaxed);
}

bool FreeSpace::IsFull() const {
  const std::uint64_t wanted_bytes = wanted_bytes_.load(std::memory_order_relaxed);
  if (wanted_bytes == 0) return false;
  const Result<std::uint64_t> free_bytes = files_.FreeBytes(folder_);
  return !free_bytes.ok() || *free_bytes < wanted_bytes;
}

}  // namespace daybook::disk
