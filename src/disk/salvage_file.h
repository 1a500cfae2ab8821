// SalvageFile reads a file of which the disk can read parts only: what it cannot is garbage, and is
// remembered. For reading alone; used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/file_system.h"

namespace daybook::disk {

class SalvageFile : public File {
 public:
  explicit SalvageFile(std::unique_ptr<File> file) : File(file->path()), file_(std::move(file)) {}

  // The error of the first read that failed between the two positions; OK where none did.
  Status ErrorBetween(std::uint64_t position, std::uint64_t end) const;

  // Fails never: a block that cannot be read is filled with bytes that are neither zero nor a
  // frame.
  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> out) const override;
  Result<std::uint64_t> Size() const override { return file_->Size(); }

  Status WriteAt(std::uint64_t position, std::span<const std::string_view> pieces) override;
  Result<bool> Reserve(std::uint64_t position, std::uint64_t bytes) override;
  Status Sync() override;
  Status Truncate(std::uint64_t bytes) override;
  Status TryLock() override;
  Status TryLockShared() override;

 private:
  const std::unique_ptr<File> file_;
  mutable std::map<std::uint64_t, Status> errors_;  // by the position of the block
};

}  // namespace daybook::disk
