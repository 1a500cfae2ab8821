// SimulatedFile: a File of a SimulatedFileSystem.
#pragma once

#include <memory>
#include <string>

#include "support/simulated_file_system.h"

namespace daybook::test {

class SimulatedFile final : public File {
 public:
  // With the file system's mutex held.
  SimulatedFile(SimulatedFileSystem& file_system, std::string path, NodeId node, bool is_writable)
      EXCLUSIVE_LOCKS_REQUIRED(file_system.mutex_);
  ~SimulatedFile() override;

  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> out) const override;
  Status WriteAt(std::uint64_t position, std::span<const std::string_view> pieces) override;
  Result<bool> Reserve(std::uint64_t position, std::uint64_t bytes) override;
  Status Sync() override;
  Status Truncate(std::uint64_t bytes) override;
  Result<std::uint64_t> Size() const override;
  Status TryLock() override { return Lock(SimulatedFileSystem::Lock::kExclusive); }
  Status TryLockShared() override { return Lock(SimulatedFileSystem::Lock::kShared); }

 private:
  // Of a write or reservation of `bytes` bytes: how many of them are to be done, and the errno that
  // answers it then, 0 where it is done.
  struct Extent {
    std::uint64_t bytes;
    int error;
  };
  Extent Admit(const SimulatedFileSystem::Step& step, std::uint64_t position,
               std::uint64_t bytes) const EXCLUSIVE_LOCKS_REQUIRED(file_system_.mutex_);
  Status Lock(SimulatedFileSystem::Lock wanted);
  SimulatedFileSystem::OpenFile& open() const EXCLUSIVE_LOCKS_REQUIRED(file_system_.mutex_) {
    return file_system_.open_files_.at(this);
  }
  Node& node() const EXCLUSIVE_LOCKS_REQUIRED(file_system_.mutex_) {
    return file_system_.state_.node(node_);
  }
  std::string Cannot(const char* operation) const {
    return std::string("cannot ") + operation + " " + path();
  }

  SimulatedFileSystem& file_system_;
  const NodeId node_;
  const bool is_writable_;
};

}  // namespace daybook::test
