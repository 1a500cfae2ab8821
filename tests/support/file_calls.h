// Short forms of what tests do with a FileSystem; each expects that it succeeds.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/file_system.h"

namespace daybook::test {

inline std::unique_ptr<File> OpenFile(FileSystem& file_system, const std::string& path,
                                      FileSystem::Mode mode = FileSystem::Mode::kOpenOrCreate) {
  return std::move(file_system.Open(path, mode)).value();
}

// One piece; returns what WriteAt() does.
inline Status TryWrite(File& file, std::uint64_t position, std::string_view bytes) {
  return file.WriteAt(position, {&bytes, 1});
}

inline void ExpectOk(const Status& status) { EXPECT_TRUE(status.ok()) << status.ToString(); }

inline void Write(File& file, std::uint64_t position, std::string_view bytes) {
  ExpectOk(TryWrite(file, position, bytes));
}

// At most `bytes` bytes from `position` on.
inline std::string Read(const File& file, std::uint64_t position, std::size_t bytes) {
  std::string read(bytes, '?');
  read.resize(file.ReadAt(position, read).value());
  return read;
}

}  // namespace daybook::test
