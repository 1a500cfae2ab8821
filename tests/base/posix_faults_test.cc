// What the system calls answer seldom. The C library's own are replaced here, for the whole
// program: each makes its call unless a test has put an answer in its place.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace {

// The errno with which the next calls fail; 0: the call is made, with at most `kShortBytes` bytes.
constexpr std::size_t kShortBytes = 3;
struct Answers {
  std::deque<int> errors;
  int calls = 0;

  // Whether the call, of a test that has answers left, is to fail; errno is set then.
  bool Fail(bool& shortened) {
    ++calls;
    shortened = !errors.empty();
    if (errors.empty()) return false;
    errno = errors.front();
    errors.pop_front();
    return errno != 0;
  }
};
Answers preads, pwritevs, fdatasyncs, fallocates, fsyncs, syncfses;

// What the system says that it is, and a file system of itself; "" and 0: as it is.
std::string kernel_release;
long file_system_type = 0;

}  // namespace

extern "C" {

ssize_t pread(int fd, void* out, size_t bytes, off_t position) {
  bool shortened = false;
  if (preads.Fail(shortened)) return -1;
  if (shortened) bytes = std::min(bytes, kShortBytes);
  return ::syscall(SYS_pread64, fd, out, bytes, position);
}

ssize_t pwritev(int fd, const iovec* vectors, int count, off_t position) {
  bool shortened = false;
  if (pwritevs.Fail(shortened)) return -1;
  if (!shortened) return ::syscall(SYS_pwritev, fd, vectors, count, position, 0);
  std::array<iovec, 2> cut{};
  std::size_t left = kShortBytes;
  int used = 0;
  for (; used < std::min(count, 2) && left > 0; ++used) {
    cut[used] = {vectors[used].iov_base, std::min(vectors[used].iov_len, left)};
    left -= cut[used].iov_len;
  }
  return ::syscall(SYS_pwritev, fd, cut.data(), used, position, 0);
}

int fdatasync(int fd) {
  bool shortened = false;
  if (fdatasyncs.Fail(shortened)) return -1;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

int fsync(int fd) {
  bool shortened = false;
  if (fsyncs.Fail(shortened)) return -1;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

int syncfs(int fd) noexcept {
  bool shortened = false;
  if (syncfses.Fail(shortened)) return -1;
  return static_cast<int>(::syscall(SYS_syncfs, fd));
}

int uname(utsname* system) noexcept {
  const auto answer = static_cast<int>(::syscall(SYS_uname, system));
  if (!kernel_release.empty()) {
    *std::copy(kernel_release.begin(), kernel_release.end(), system->release) = '\0';
  }
  return answer;
}

int fstatfs(int fd, struct statfs* status) noexcept {
  const auto answer = static_cast<int>(::syscall(SYS_fstatfs, fd, status));
  if (file_system_type != 0) status->f_type = file_system_type;
  return answer;
}

int fallocate(int fd, int mode, off_t position, off_t bytes) {
  bool shortened = false;
  if (fallocates.Fail(shortened)) return -1;
  return static_cast<int>(::syscall(SYS_fallocate, fd, mode, position, bytes));
}

}  // extern "C"

namespace daybook {
namespace {

class PosixFaults : public testing::Test {
 protected:
  PosixFaults() : path_(testing::TempDir() + "/posix_faults_" + std::to_string(getpid())) {
    file_ = std::move(FileSystem::Posix().Open(path_, FileSystem::Mode::kCreate)).value();
    AnswerAsItIs();
  }
  ~PosixFaults() override {
    AnswerAsItIs();
    std::filesystem::remove_all(path_);
  }

  static void AnswerAsItIs() {
    for (Answers* answers : {&preads, &pwritevs, &fdatasyncs, &fallocates, &fsyncs, &syncfses})
      *answers = {};
    kernel_release.clear();
    file_system_type = 0;
  }

  Status Write(std::vector<std::string_view> pieces) { return file_->WriteAt(0, pieces); }
  std::string Read(std::size_t bytes) {
    std::string read(bytes, '?');
    read.resize(file_->ReadAt(0, read).value());
    return read;
  }

  const std::string path_;
  std::unique_ptr<File> file_;
};

TEST_F(PosixFaults, AShortOrInterruptedWriteIsContinuedWithinAndBehindAPiece) {
  pwritevs.errors = {EINTR, 0, EINTR, 0, 0};
  ASSERT_TRUE(Write({"ab", "cdef", "", "ghijk", "lm"}).ok());
  EXPECT_EQ(pwritevs.calls, 6);
  EXPECT_EQ(Read(100), "abcdefghijklm");
}

TEST_F(PosixFaults, AWriteIsOneCallWhereTheSystemTakesItInOne) {
  ASSERT_TRUE(Write(std::vector<std::string_view>(IOV_MAX, "x")).ok());
  EXPECT_EQ(pwritevs.calls, 1);
  ASSERT_TRUE(Write(std::vector<std::string_view>(IOV_MAX + 1, "x")).ok());
  EXPECT_EQ(pwritevs.calls, 3);
}

TEST_F(PosixFaults, AShortOrInterruptedReadIsContinued) {
  ASSERT_TRUE(Write({"0123456789"}).ok());
  preads.errors = {EINTR, 0, 0, EINTR};
  EXPECT_EQ(Read(9), "012345678");
}

TEST_F(PosixFaults, AWriteThatFailsInItsMidstTellsWhere) {
  pwritevs.errors = {0, EIO};
  EXPECT_EQ(Write({"0123456789"}).ToString(),
            "input/output: cannot write " + path_ + " at position 3: Input/output error");
  preads.errors = {0, EIO};
  std::string read(10, '?');
  EXPECT_EQ(file_->ReadAt(0, read).status().ToString(),
            "input/output: cannot read " + path_ + " at position 3: Input/output error");
}

TEST_F(PosixFaults, ASyncIsOneCallWhateverItAnswers) {
  for (const int error : {EIO, EINTR}) {
    fdatasyncs = {{error}};
    EXPECT_EQ(file_->Sync().code(), StatusCode::kIo);
    EXPECT_EQ(fdatasyncs.calls, 1);
  }
  fdatasyncs = {{EIO}};
  EXPECT_EQ(file_->Sync().message(), "cannot sync " + path_ + ": Input/output error");
  fsyncs = {{EIO}};
  EXPECT_EQ(FileSystem::Posix().SyncFolder("/tmp").message(),
            "cannot sync folder /tmp: Input/output error");
}

constexpr long kExt4 = 0xef53, kXfs = 0x58465342, kTmpfs = 0x01021994, kOverlay = 0x794c7630;

TEST_F(PosixFaults, AFileSystemIsSyncedAsAWholeWhereEachFailureIsTold) {
  const auto is_synced = [&](const char* release, long type) {
    kernel_release = release;
    file_system_type = type;
    const auto begun = FileSystem::Posix().BeginWholeSync(path_);
    EXPECT_TRUE(begun.ok()) << begun.status().message();
    return begun.ok() && *begun != nullptr;
  };
  for (const char* const told : {"5.17.0", "6.1.0-18-amd64", "10.0"})
    for (const long type : {kExt4, kXfs}) EXPECT_TRUE(is_synced(told, type)) << told;
  for (const char* const untold : {"5.16.20", "4.18.0-553.el8", "unknown"})
    EXPECT_FALSE(is_synced(untold, kExt4)) << untold;
  for (const long type : {kTmpfs, kOverlay}) EXPECT_FALSE(is_synced("6.1.0", type)) << type;
}

TEST_F(PosixFaults, WhatFailedBeforeAWholeSyncBeganIsNotItsFailure) {
  kernel_release = "6.1.0";
  file_system_type = kExt4;
  syncfses.errors = {EIO};  // the system tells of each failure once
  const auto whole = std::move(FileSystem::Posix().BeginWholeSync(path_)).value();
  EXPECT_TRUE(whole->Sync().ok());
}

TEST_F(PosixFaults, AWholeSyncCoversWhatIsOnItsFileSystem) {
  kernel_release = "6.1.0";
  file_system_type = kExt4;
  const auto whole = std::move(FileSystem::Posix().BeginWholeSync(path_)).value();
  EXPECT_TRUE(whole->Covers(path_));
  EXPECT_FALSE(whole->Covers("/proc/self"));
  EXPECT_FALSE(whole->Covers(path_ + "none"));
}

TEST_F(PosixFaults, AWholeSyncIsOneOfTheFileSystemAndOneOfAFileWhateverTheyAnswer) {
  kernel_release = "6.1.0";
  file_system_type = kExt4;
  const auto whole = std::move(FileSystem::Posix().BeginWholeSync(path_)).value();
  fdatasyncs = {};
  syncfses = {};
  EXPECT_TRUE(whole->Sync().ok());
  EXPECT_EQ(syncfses.calls, 1);
  EXPECT_EQ(fdatasyncs.calls, 1);
  for (Answers* const failing : {&syncfses, &fdatasyncs}) {
    *failing = {{EIO}};
    EXPECT_EQ(whole->Sync().ToString(),
              "input/output: cannot sync the file system of " + path_ + ": Input/output error");
    EXPECT_EQ(failing->calls, 1);
  }
  EXPECT_EQ(FileSystem::Posix().BeginWholeSync(path_ + "/none").status().code(), StatusCode::kIo);
  EXPECT_EQ(FileSystem::Posix().BeginWholeSync(path_ + "none").status().code(),
            StatusCode::kNotFound);
}

TEST_F(PosixFaults, AFullQuotaIsNoSpace) {
  for (const int error : {ENOSPC, EDQUOT}) {
    fdatasyncs.errors = pwritevs.errors = fallocates.errors = {error};
    EXPECT_EQ(file_->Sync().code(), StatusCode::kNoSpace);
    EXPECT_EQ(Write({"x"}).code(), StatusCode::kNoSpace);
    EXPECT_EQ(file_->Reserve(0, 1).status().code(), StatusCode::kNoSpace);
  }
}

TEST_F(PosixFaults, AFileSystemThatCannotReserveSaysSo) {
  for (const int error : {EOPNOTSUPP, ENOSYS, EINVAL}) {
    fallocates.errors = {EINTR, error};
    EXPECT_EQ(file_->Reserve(0, 1).value(), false);
  }
  EXPECT_EQ(file_->Size().value(), 0U);
  fallocates.errors = {EIO};
  EXPECT_EQ(file_->Reserve(0, 1).status().message(),
            "cannot reserve room in " + path_ + ": Input/output error");
}

}  // namespace
}  // namespace daybook
