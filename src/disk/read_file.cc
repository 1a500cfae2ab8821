#include "disk/read_file.h"

#include <algorithm>
#include <cstdint>
#include <memory>

namespace daybook::disk {

Result<std::string> ReadFile(FileSystem& files, const std::string& path, std::size_t bytes_max) {
  const Result<std::unique_ptr<File>> file = files.Open(path, FileSystem::Mode::kRead);
  if (!file.ok()) return file.status();
  const Result<std::uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  std::string bytes(std::min<std::uint64_t>(*size, bytes_max), '\0');
  const Result<std::size_t> read = (*file)->ReadAt(0, {bytes.data(), bytes.size()});
  if (!read.ok()) return read.status();
  bytes.resize(*read);
  return bytes;
}

}  // namespace daybook::disk
