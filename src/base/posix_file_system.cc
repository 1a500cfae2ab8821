#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "base/file_system.h"
#include "base/posix_error.h"

namespace daybook {
namespace {

// For the owner, and its group to read: a pod's fsGroup.
constexpr mode_t kFilePermissions = 0640;
constexpr mode_t kFolderPermissions = 0750;

// The system call's answer once no signal interrupted it.
template <typename Call>
auto Uninterrupted(Call call) {
  for (;;) {
    const auto answer = call();
    if (answer >= 0 || errno != EINTR) return answer;
  }
}

// errno after a call that names files.
Status NotFoundOrError(const std::string& what, int error) {
  const Status status = PosixError(what, error);
  return error == ENOENT ? Status(StatusCode::kNotFound, status.message()) : status;
}

// What is left of `vectors` behind the first `bytes` bytes.
std::span<iovec> Behind(std::span<iovec> vectors, std::size_t bytes) {
  while (!vectors.empty() && bytes >= vectors.front().iov_len) {
    bytes -= vectors.front().iov_len;
    vectors = vectors.subspan(1);
  }
  if (bytes > 0) {
    vectors.front().iov_base = static_cast<char*>(vectors.front().iov_base) + bytes;
    vectors.front().iov_len -= bytes;
  }
  return vectors;
}

class PosixFile final : public File {
 public:
  // Owns `fd`.
  PosixFile(std::string path, int fd) : File(std::move(path)), fd_(fd) {}
  ~PosixFile() override { ::close(fd_); }

  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t bytes = Uninterrupted([&] {
        return ::pread(fd_, out.data() + done, out.size() - done,
                       static_cast<off_t>(position + done));
      });
      if (bytes < 0) return Error("read", position + done);
      if (bytes == 0) break;
      done += static_cast<std::size_t>(bytes);
    }
    return done;
  }

  Status WriteAt(std::uint64_t position, std::span<const std::string_view> pieces) override {
    std::vector<iovec> vectors;
    vectors.reserve(pieces.size());
    for (const std::string_view piece : pieces)
      if (!piece.empty()) vectors.push_back({const_cast<char*>(piece.data()), piece.size()});
    std::span<iovec> rest(vectors);
    while (!rest.empty()) {
      const auto count = static_cast<int>(std::min<std::size_t>(rest.size(), IOV_MAX));
      const ssize_t bytes = Uninterrupted(
          [&] { return ::pwritev(fd_, rest.data(), count, static_cast<off_t>(position)); });
      if (bytes == 0) errno = EIO;  // it would be so for ever
      if (bytes <= 0) return Error("write", position);
      position += static_cast<std::uint64_t>(bytes);
      rest = Behind(rest, static_cast<std::size_t>(bytes));
    }
    return {};
  }

  Result<bool> Reserve(std::uint64_t position, std::uint64_t bytes) override {
    if (bytes == 0) return true;
    constexpr std::uint64_t kPositionMax = std::numeric_limits<off_t>::max();
    if (position > kPositionMax || bytes > kPositionMax - position)
      return PosixError("cannot reserve room in " + path(), EFBIG);
    const int answer = Uninterrupted([&] {
      return ::fallocate(fd_, 0, static_cast<off_t>(position), static_cast<off_t>(bytes));
    });
    if (answer == 0) return true;
    // The numbers are right, so that EINVAL is a file system that does not know the call.
    if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL) return false;
    return Error("reserve room in");
  }

  // One call, also where a signal interrupts it: a sync that failed is never tried again.
  Status Sync() override { return ::fdatasync(fd_) == 0 ? Status() : Error("sync"); }

  Status Truncate(std::uint64_t bytes) override {
    const int answer = Uninterrupted([&] { return ::ftruncate(fd_, static_cast<off_t>(bytes)); });
    return answer == 0 ? Status() : Error("truncate");
  }

  Result<std::uint64_t> Size() const override {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) return Error("tell the size of");
    return static_cast<std::uint64_t>(status.st_size);
  }

  Status TryLock() override { return Lock(LOCK_EX); }
  Status TryLockShared() override { return Lock(LOCK_SH); }

 private:
  Status Lock(int operation) {
    if (Uninterrupted([&] { return ::flock(fd_, operation | LOCK_NB); }) == 0) return {};
    if (errno == EWOULDBLOCK)
      return {StatusCode::kUnavailable, "cannot lock " + path() + ": it is locked already"};
    return Error("lock");
  }
  Status Error(const char* operation) const {
    const int error = errno;
    return PosixError(std::string("cannot ") + operation + " " + path(), error);
  }
  Status Error(const char* operation, std::uint64_t position) const {
    const int error = errno;
    return PosixError(std::string("cannot ") + operation + " " + path() + " at position " +
                          std::to_string(position),
                      error);
  }

  const int fd_;
};

// syncfs(2) tells of failed writes since Linux 5.8, and of what the file system's own sync_fs()
// found since 5.17.
bool SyncsOfFileSystemsTell() {
  constexpr auto kSince = std::pair(5, 17);
  utsname system{};
  std::pair version(0, 0);
  return ::uname(&system) == 0 &&
         std::sscanf(system.release, "%d.%d", &version.first, &version.second) == 2 &&
         version >= kSince;
}

// Of these it was read in the kernel's sources, and of a file system that goes on although it is
// damaged (errors=continue) neither tells all. An overlay, or one that is in another process or on
// another machine, may answer before its layers below have.
bool IsLocalDisk(int fd) {
  constexpr long kExt = 0xef53;
  constexpr long kXfs = 0x58465342;
  struct statfs status {};
  if (Uninterrupted([&] { return ::fstatfs(fd, &status); }) != 0) return false;
  return status.f_type == kExt || status.f_type == kXfs;
}

class PosixWholeSync final : public WholeSync {
 public:
  // Owns `fd`. What failed before, for whomever, and was told nobody is told now.
  PosixWholeSync(std::string path, int fd) : path_(std::move(path)), fd_(fd) { ::syncfs(fd_); }
  ~PosixWholeSync() override { ::close(fd_); }

  bool Covers(const std::string& path) const override {
    struct stat own {};
    struct stat other {};
    return ::fstat(fd_, &own) == 0 && ::stat(path.c_str(), &other) == 0 &&
           own.st_dev == other.st_dev;
  }

  // Where nothing but data was written, XFS empties the disk's cache only for the sync of a file.
  Status Sync() override {
    if (::syncfs(fd_) == 0 && ::fdatasync(fd_) == 0) return {};
    return PosixError("cannot sync the file system of " + path_, errno);
  }

 private:
  const std::string path_;
  const int fd_;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> Open(const std::string& path, Mode mode) override {
    const int fd =
        Uninterrupted([&] { return ::open(path.c_str(), Flags(mode), kFilePermissions); });
    if (fd < 0) return NotFoundOrError("cannot open " + path, errno);
    std::unique_ptr<File> file = std::make_unique<PosixFile>(path, fd);
    struct stat status {};
    if (::fstat(fd, &status) != 0) return PosixError("cannot open " + path, errno);
    // For reading the system opens it.
    if (S_ISDIR(status.st_mode)) return PosixError("cannot open " + path, EISDIR);
    return file;
  }

  Status MakeFolder(const std::string& path) override {
    if (::mkdir(path.c_str(), kFolderPermissions) == 0) return {};
    const int error = errno;
    struct stat status {};
    if (error == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
    return NotFoundOrError("cannot make folder " + path, error);
  }

  Status SyncFolder(const std::string& path) override {
    const std::string what = "cannot sync folder " + path;
    const int fd =
        Uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (fd < 0) return PosixError(what, errno);
    Status status = ::fsync(fd) == 0 ? Status() : PosixError(what, errno);
    ::close(fd);
    return status;
  }

  Result<std::vector<std::string>> List(const std::string& path) override {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error))
      names.push_back(entry->path().filename());
    if (error) return NotFoundOrError("cannot list " + path, error.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
    return NotFoundOrError("cannot rename " + from + " to " + to, errno);
  }

  Status Remove(const std::string& path) override {
    return ::remove(path.c_str()) == 0 ? Status() : NotFoundOrError("cannot remove " + path, errno);
  }

  Status Link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) == 0) return {};
    return NotFoundOrError("cannot link " + from + " to " + to, errno);
  }

  Result<std::unique_ptr<WholeSync>> BeginWholeSync(const std::string& path) override {
    const int fd = Uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); });
    if (fd < 0) return NotFoundOrError("cannot open " + path, errno);
    std::unique_ptr<WholeSync> sync;
    if (SyncsOfFileSystemsTell() && IsLocalDisk(fd)) {
      sync = std::make_unique<PosixWholeSync>(path, fd);
    } else {
      ::close(fd);
    }
    return sync;
  }

  Result<std::uint64_t> FreeBytes(const std::string& path) override {
    struct statvfs status {};
    if (Uninterrupted([&] { return ::statvfs(path.c_str(), &status); }) != 0)
      return PosixError("cannot tell the free space of " + path, errno);
    return std::uint64_t{status.f_bavail} * status.f_frsize;
  }

 private:
  static int Flags(Mode mode) {
    switch (mode) {
      case Mode::kRead:
        return O_CLOEXEC | O_RDONLY;
      case Mode::kReadWrite:
        return O_CLOEXEC | O_RDWR;
      case Mode::kCreate:
        return O_CLOEXEC | O_RDWR | O_CREAT | O_EXCL;
      case Mode::kOpenOrCreate:
        return O_CLOEXEC | O_RDWR | O_CREAT;
    }
    CHECK(false, "an unknown mode");
  }
};

}  // namespace

FileSystem& FileSystem::Posix() {
  static PosixFileSystem& posix = *new PosixFileSystem;
  return posix;
}

}  // namespace daybook
