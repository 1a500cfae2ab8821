#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/check.h"
#include "base/file_system.h"

namespace daybook {
namespace {

// "cannot sync /data/x.log: Input/output error"
Status Failed(const char* operation, const std::string& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  const StatusCode code = full              ? StatusCode::kNoSpace
                          : error == ENOENT ? StatusCode::kNotFound
                                            : StatusCode::kIo;
  return {code, std::string("cannot ").append(operation).append(" ").append(path).append(": ") +
                    std::generic_category().message(error)};
}

Status Done(int result, const char* operation, const std::string& path) {
  return result == 0 ? Status() : Failed(operation, path, errno);
}

class PosixFile : public File {
 public:
  PosixFile(std::string path, int fd) : File(std::move(path)), fd_(fd) {}
  ~PosixFile() override { ::close(fd_); }

  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t read =
          ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(position + done));
      if (read == 0) break;
      if (read < 0 && errno == EINTR) continue;
      if (read < 0) return Failed("read", path(), errno);
      done += static_cast<std::size_t>(read);
    }
    return done;
  }

  Status WriteAt(std::uint64_t position, std::span<const std::string_view> pieces) override {
    std::vector<iovec> vectors;
    for (const std::string_view piece : pieces) {
      if (!piece.empty()) vectors.push_back({const_cast<char*>(piece.data()), piece.size()});
    }
    for (std::size_t first = 0; first < vectors.size();) {
      const auto count = static_cast<int>(std::min<std::size_t>(vectors.size() - first, IOV_MAX));
      const ssize_t written =
          ::pwritev(fd_, vectors.data() + first, count, static_cast<off_t>(position));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return Failed("write", path(), errno);
      if (written == 0) return Failed("write", path(), EIO);
      position += static_cast<std::uint64_t>(written);
      auto left = static_cast<std::size_t>(written);
      while (first < vectors.size() && left >= vectors[first].iov_len)
        left -= vectors[first++].iov_len;
      if (left == 0) continue;
      vectors[first].iov_base = static_cast<char*>(vectors[first].iov_base) + left;
      vectors[first].iov_len -= left;
    }
    return {};
  }

  Result<bool> Reserve(std::uint64_t position, std::uint64_t bytes) override {
    for (;;) {
      if (::fallocate(fd_, 0, static_cast<off_t>(position), static_cast<off_t>(bytes)) == 0)
        return true;
      if (errno == EINTR) continue;
      if (errno == EOPNOTSUPP || errno == ENOSYS) return false;
      return Failed("reserve room in", path(), errno);
    }
  }

  Status Sync() override { return Done(::fdatasync(fd_), "sync", path()); }
  Status Truncate(std::uint64_t bytes) override {
    return Done(::ftruncate(fd_, static_cast<off_t>(bytes)), "truncate", path());
  }
  Result<std::uint64_t> Size() const override {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return Failed("look at", path(), errno);
    return static_cast<std::uint64_t>(info.st_size);
  }
  Status TryLock() override {
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK) return Failed("lock", path(), errno);
    return {StatusCode::kUnavailable, path() + " is locked by another"};
  }

 private:
  const int fd_;
};

class PosixFileSystem : public FileSystem {
 public:
  Result<std::unique_ptr<File>> Open(const std::string& path, Mode mode) override {
    constexpr mode_t kPermissions = 0640;
    const int flags = mode == Mode::kRead        ? O_RDONLY
                      : mode == Mode::kReadWrite ? O_RDWR
                      : mode == Mode::kCreate    ? O_RDWR | O_CREAT | O_EXCL
                                                 : O_RDWR | O_CREAT;
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, kPermissions);
    if (fd < 0) return Failed("open", path, errno);
    return std::unique_ptr<File>(new PosixFile(path, fd));
  }

  Status MakeFolder(const std::string& path) override {
    constexpr mode_t kPermissions = 0750;
    if (::mkdir(path.c_str(), kPermissions) == 0) return {};
    const int error = errno;
    struct stat info {};
    const bool there = error == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
    return there ? Status() : Failed("make the folder", path, error);
  }

  Status SyncFolder(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return Failed("open the folder", path, errno);
    Status status = Done(::fsync(fd), "sync the folder", path);
    ::close(fd);
    return status;
  }

  Result<std::vector<std::string>> List(const std::string& path) override {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entry(path, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
      names.push_back(entry->path().filename().string());
    if (error) return Failed("list the folder", path, error.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  Status Rename(const std::string& from, const std::string& to) override {
    return Done(std::rename(from.c_str(), to.c_str()), "rename", from + " to " + to);
  }
  Status Remove(const std::string& path) override {
    return Done(std::remove(path.c_str()), "remove", path);
  }
  Status Link(const std::string& from, const std::string& to) override {
    return Done(::link(from.c_str(), to.c_str()), "link", from + " to " + to);
  }
  Result<std::uint64_t> FreeBytes(const std::string& path) override {
    struct statvfs info {};
    if (::statvfs(path.c_str(), &info) != 0) return Failed("ask for the free room of", path, errno);
    return std::uint64_t{info.f_bavail} * info.f_frsize;
  }
};

}  // namespace

FileSystem& FileSystem::Posix() {
  static PosixFileSystem files;
  return files;
}

}  // namespace daybook
