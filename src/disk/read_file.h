// Small files, read as a whole.
#pragma once

#include <cstddef>
#include <string>

#include "base/file_system.h"
#include "base/status.h"

namespace daybook::disk {

// No index is larger.
inline constexpr std::size_t kIndexBytesMax = 64 << 20;

// The file's bytes, the first `bytes_max` of them where it has more.
Result<std::string> ReadFile(FileSystem& files, const std::string& path, std::size_t bytes_max);

}  // namespace daybook::disk
