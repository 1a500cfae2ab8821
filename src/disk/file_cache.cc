#include "disk/file_cache.h"

#include <utility>
#include <vector>

#include "base/check.h"

namespace daybook::disk {

class FileCache::Held : public File {
 public:
  Held(FileCache& cache, std::string path) : File(std::move(path)), cache_(cache) {}
  ~Held() override { cache_.Drop(*this); }

  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> out) const override {
    const Result<std::shared_ptr<const File>> file = cache_.Use(*this);
    return file.ok() ? (*file)->ReadAt(position, out) : Result<std::size_t>(file.status());
  }
  Result<std::uint64_t> Size() const override {
    const Result<std::shared_ptr<const File>> file = cache_.Use(*this);
    return file.ok() ? (*file)->Size() : Result<std::uint64_t>(file.status());
  }

  Status WriteAt(std::uint64_t, std::span<const std::string_view>) override { return ReadOnly(); }
  Result<bool> Reserve(std::uint64_t, std::uint64_t) override { return ReadOnly(); }
  Status Sync() override { return ReadOnly(); }
  Status Truncate(std::uint64_t) override { return ReadOnly(); }
  Status TryLock() override { return ReadOnly(); }
  Status TryLockShared() override { return ReadOnly(); }

 private:
  friend class FileCache;

  static Status ReadOnly() { CHECK(false, "a file of the cache is for reading only"); }

  FileCache& cache_;
  // Guarded by the cache's mutex.
  mutable std::shared_ptr<const File> file_;        // null while it is closed
  mutable std::list<const Held*>::iterator place_;  // in open_, while it is open
};

std::unique_ptr<File> FileCache::Hold(std::unique_ptr<File> file) {
  auto held = std::make_unique<Held>(*this, file->path());
  const MutexLock lock(mutex_);
  Keep(*held, std::move(file));
  return held;
}

Result<std::shared_ptr<const File>> FileCache::Use(const Held& held) {
  {
    const MutexLock lock(mutex_);
    if (held.file_ != nullptr) {
      open_.splice(open_.end(), open_, held.place_);
      return held.file_;
    }
  }
  Result<std::unique_ptr<File>> opened = files_.Open(held.path(), FileSystem::Mode::kRead);
  if (!opened.ok()) return opened.status();
  std::shared_ptr<const File> file = std::move(*opened);
  const MutexLock lock(mutex_);
  if (held.file_ == nullptr) Keep(held, file);  // else another thread was faster
  return file;
}

void FileCache::Keep(const Held& held, std::shared_ptr<const File> file) {
  held.file_ = std::move(file);
  held.place_ = open_.insert(open_.end(), &held);
  while (open_.size() > files_max_) {
    open_.front()->file_.reset();
    open_.pop_front();
  }
}

void FileCache::Drop(const Held& held) {
  const MutexLock lock(mutex_);
  if (held.file_ != nullptr) open_.erase(held.place_);
}

}  // namespace daybook::disk
