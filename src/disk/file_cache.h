// FileCache bounds how many of the files that are read are open at a time, so that there may be
// more segments than descriptors. Thread-safe; outlives the files that it holds.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "base/file_system.h"
#include "base/mutex.h"
#include "base/status.h"

namespace daybook::disk {

class FileCache {
 public:
  // At most `files_max` are open, and those that are being read at the moment.
  FileCache(FileSystem& files, std::size_t files_max) : files_(files), files_max_(files_max) {}

  // The same file, for reading only, which is closed when others were used since, and opened again
  // when it is read. Then it may be gone: kNotFound.
  std::unique_ptr<File> Hold(std::unique_ptr<File> file);

 private:
  class Held;

  Result<std::shared_ptr<const File>> Use(const Held& held);
  void Drop(const Held& held);
  void Keep(const Held& held, std::shared_ptr<const File> file) EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  FileSystem& files_;
  const std::size_t files_max_;
  Mutex mutex_;
  std::list<const Held*> open_ GUARDED_BY(mutex_);  // the one last used at the end
};

}  // namespace daybook::disk
