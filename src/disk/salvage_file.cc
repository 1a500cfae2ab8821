#include "disk/salvage_file.h"

#include <algorithm>
#include <utility>

namespace daybook::disk {
namespace {

constexpr std::uint64_t kBlockBytes = 4096;
constexpr char kGarbage = '\xE5';

Status ReadOnly() { return {StatusCode::kInternal, "a file is salvaged by reading alone"}; }

}  // namespace

Status SalvageFile::ErrorBetween(std::uint64_t position, std::uint64_t end) const {
  const auto error = errors_.lower_bound(position / kBlockBytes * kBlockBytes);
  return error == errors_.end() || error->first >= end ? Status() : error->second;
}

Result<std::size_t> SalvageFile::ReadAt(std::uint64_t position, std::span<char> out) const {
  Result<std::size_t> whole = file_->ReadAt(position, out);
  if (whole.ok()) return whole;
  const Result<std::uint64_t> size = file_->Size();
  if (!size.ok()) return std::size_t{0};
  const std::uint64_t end = std::min<std::uint64_t>(*size, position + out.size());
  std::size_t done = 0;
  for (std::uint64_t at = position; at < end;) {
    const std::uint64_t block_end = std::min(end, (at / kBlockBytes + 1) * kBlockBytes);
    const std::span<char> block = out.subspan(at - position, block_end - at);
    const Result<std::size_t> read = file_->ReadAt(at, block);
    if (!read.ok()) {
      errors_.emplace(at / kBlockBytes * kBlockBytes, read.status());
      std::fill(block.begin(), block.end(), kGarbage);
    } else if (*read < block.size()) {
      return done + *read;
    }
    done += block.size();
    at = block_end;
  }
  return done;
}

Status SalvageFile::WriteAt(std::uint64_t, std::span<const std::string_view>) { return ReadOnly(); }
Result<bool> SalvageFile::Reserve(std::uint64_t, std::uint64_t) { return ReadOnly(); }
Status SalvageFile::Sync() { return ReadOnly(); }
Status SalvageFile::Truncate(std::uint64_t) { return ReadOnly(); }
Status SalvageFile::TryLock() { return ReadOnly(); }
Status SalvageFile::TryLockShared() { return ReadOnly(); }

}  // namespace daybook::disk
