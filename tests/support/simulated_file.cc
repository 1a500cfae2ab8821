#include "support/simulated_file.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/posix_error.h"

namespace daybook::test {
namespace {

Status PowerIsCut(const std::string& what) {
  return {StatusCode::kIo, what + ": the power is cut"};
}

}  // namespace

SimulatedFile::SimulatedFile(SimulatedFileSystem& file_system, std::string path, NodeId node,
                             bool is_writable)
    : File(std::move(path)), file_system_(file_system), node_(node), is_writable_(is_writable) {
  ++file_system.state_.node(node).opens;
  file_system.open_files_[this].node = node;
}

SimulatedFile::~SimulatedFile() {
  const MutexLock lock(file_system_.mutex_);
  --node().opens;
  file_system_.open_files_.erase(this);
}

Result<std::size_t> SimulatedFile::ReadAt(std::uint64_t position, std::span<char> out) const {
  const MutexLock lock(file_system_.mutex_);
  if (file_system_.power_is_cut_) return PowerIsCut(Cannot("read"));
  const Content& content = node().cache;
  if (position >= content.size()) return std::size_t{0};
  out = out.first(std::min<std::uint64_t>(out.size(), content.size() - position));
  content.Read(position, out);
  return out.size();
}

SimulatedFile::Extent SimulatedFile::Admit(const SimulatedFileSystem::Step& step,
                                           std::uint64_t position, std::uint64_t bytes) const {
  if (!is_writable_) return {0, EBADF};
  if (position > Content::kBytesMax || bytes > Content::kBytesMax - position) return {0, EFBIG};
  int error = step.error();
  const std::uint64_t wanted = error == 0 ? bytes : step.half() ? bytes / 2 : 0;
  const std::uint64_t fitting = file_system_.state_.Fitting(node(), position, wanted);
  if (fitting < wanted) error = ENOSPC;
  return {fitting, error};
}

Status SimulatedFile::WriteAt(std::uint64_t position, std::span<const std::string_view> pieces) {
  std::string bytes;
  for (const std::string_view piece : pieces) bytes.append(piece);
  const std::string what = Cannot("write") + " at position " + std::to_string(position);
  const MutexLock lock(file_system_.mutex_);
  const auto step = file_system_.Begin("WriteAt " + path() + " " + std::to_string(bytes.size()) +
                                       " bytes at " + std::to_string(position));
  if (step.refused) return PowerIsCut(what);
  const Extent extent = Admit(step, position, bytes.size());
  file_system_.state_.Write(node(), position, std::string_view(bytes).substr(0, extent.bytes));
  if (step.cut) return PowerIsCut(what);
  return extent.error == 0 ? Status() : PosixError(what, extent.error);
}

Result<bool> SimulatedFile::Reserve(std::uint64_t position, std::uint64_t bytes) {
  const MutexLock lock(file_system_.mutex_);
  const auto step = file_system_.Begin("Reserve " + path() + " " + std::to_string(bytes) +
                                       " bytes at " + std::to_string(position));
  if (step.refused) return PowerIsCut(Cannot("reserve room in"));
  const bool can = !file_system_.state_.no_reserve;
  const Extent extent = Admit(step, position, bytes);
  if (can) file_system_.state_.Reserve(node(), position, extent.bytes);
  if (step.cut) return PowerIsCut(Cannot("reserve room in"));
  // What the file system cannot do, it cannot fail in for want of space.
  if (extent.error != 0 && (can || step.failure || extent.error != ENOSPC))
    return PosixError(Cannot("reserve room in"), extent.error);
  return can;
}

Status SimulatedFile::Sync() {
  const MutexLock lock(file_system_.mutex_);
  while (file_system_.syncs_held_) file_system_.syncs_let_go_.Wait(file_system_.mutex_);
  const auto step = file_system_.Begin("Sync " + path());
  if (step.refused || step.cut) return PowerIsCut(Cannot("sync"));
  if (step.failure) {
    file_system_.FailSync(node_, step);
  } else {
    SimulatedState::Sync(node());
  }
  const int error = std::exchange(open().untold_error, 0);
  return error == 0 ? Status() : PosixError(Cannot("sync"), error);
}

Status SimulatedFile::Truncate(std::uint64_t bytes) {
  const MutexLock lock(file_system_.mutex_);
  const auto step = file_system_.Begin("Truncate " + path() + " to " + std::to_string(bytes));
  if (step.refused) return PowerIsCut(Cannot("truncate"));
  const int error = !is_writable_ ? EINVAL : bytes > Content::kBytesMax ? EFBIG : step.error();
  if (error == 0) file_system_.state_.Truncate(node(), bytes);
  if (step.cut) return PowerIsCut(Cannot("truncate"));
  return error == 0 ? Status() : PosixError(Cannot("truncate"), error);
}

Result<std::uint64_t> SimulatedFile::Size() const {
  const MutexLock lock(file_system_.mutex_);
  if (file_system_.power_is_cut_) return PowerIsCut(Cannot("tell the size of"));
  return node().cache.size();
}

Status SimulatedFile::Lock(SimulatedFileSystem::Lock wanted) {
  using Lock = SimulatedFileSystem::Lock;
  const MutexLock lock(file_system_.mutex_);
  if (file_system_.power_is_cut_) return PowerIsCut(Cannot("lock"));
  for (const auto& [file, open] : file_system_.open_files_) {
    const bool excludes =
        open.lock == Lock::kExclusive || (open.lock == Lock::kShared && wanted == Lock::kExclusive);
    if (file != this && open.node == node_ && excludes)
      return {StatusCode::kUnavailable, Cannot("lock") + ": it is locked already"};
  }
  open().lock = wanted;
  return {};
}

}  // namespace daybook::test
