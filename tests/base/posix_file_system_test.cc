#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace daybook {
namespace {

using testing::ElementsAre;
using Mode = FileSystem::Mode;

// A folder of the test's own.
class PosixFileSystem : public testing::Test {
 protected:
  PosixFileSystem() : folder_(testing::TempDir() + "/posix_" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~PosixFileSystem() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::unique_ptr<File> Open(const std::string& name, Mode mode = Mode::kOpenOrCreate) {
    return std::move(posix_.Open(Path(name), mode)).value();
  }
  static std::string Read(const File& file, std::uint64_t position, std::size_t bytes) {
    std::string read(bytes, '?');
    read.resize(file.ReadAt(position, read).value());
    return read;
  }
  static Status Write(File& file, std::uint64_t position, std::string_view bytes) {
    return file.WriteAt(position, {&bytes, 1});
  }

  FileSystem& posix_ = FileSystem::Posix();
  const std::string folder_;
};

void ExpectError(const Status& status, StatusCode code, const std::string& message) {
  EXPECT_EQ(status.code(), code) << status.ToString();
  EXPECT_EQ(status.message(), message);
}

TEST_F(PosixFileSystem, WhatIsWrittenIsReadUpToTheEnd) {
  const auto file = Open("a");
  ASSERT_TRUE(Write(*file, 0, "0123456789").ok());
  EXPECT_EQ(Read(*file, 0, 10), "0123456789");
  EXPECT_EQ(Read(*file, 4, 3), "456");
  EXPECT_EQ(Read(*file, 8, 100), "89");
  EXPECT_EQ(Read(*file, 10, 1), "");
  EXPECT_EQ(Read(*file, 1000, 1), "");
  ASSERT_TRUE(Write(*file, 12, "c").ok());
  EXPECT_EQ(Read(*file, 8, 100), std::string("89\0\0c", 5));
  EXPECT_EQ(file->Size().value(), 13U);
}

TEST_F(PosixFileSystem, MorePiecesThanACallTakesAreAllWritten) {
  const auto file = Open("a");
  std::vector<std::string> texts;
  std::string all;
  for (int i = 0; i < 3 * IOV_MAX + 7; ++i) all += texts.emplace_back(i % 5, static_cast<char>(i));
  const std::vector<std::string_view> pieces(texts.begin(), texts.end());
  ASSERT_TRUE(file->WriteAt(3, pieces).ok());
  EXPECT_EQ(Read(*file, 3, all.size() + 1), all);
  EXPECT_TRUE(file->WriteAt(0, {}).ok());
}

TEST_F(PosixFileSystem, AFileIsFoundCreatedOrRefusedAsItsModeSays) {
  const std::string missing = "cannot open " + Path("a") + ": No such file or directory";
  for (const Mode mode : {Mode::kRead, Mode::kReadWrite})
    ExpectError(posix_.Open(Path("a"), mode).status(), StatusCode::kNotFound, missing);
  ASSERT_TRUE(Write(*Open("a", Mode::kCreate), 0, "x").ok());
  ExpectError(posix_.Open(Path("a"), Mode::kCreate).status(), StatusCode::kIo,
              "cannot open " + Path("a") + ": File exists");
  for (const Mode mode : {Mode::kRead, Mode::kReadWrite, Mode::kOpenOrCreate})
    EXPECT_EQ(Read(*Open("a", mode), 0, 2), "x");
  EXPECT_EQ(Open("b", Mode::kOpenOrCreate)->Size().value(), 0U);
  EXPECT_EQ(Open("b")->path(), Path("b"));
}

TEST_F(PosixFileSystem, AFileForReadingTakesNoWrites) {
  Open("a");
  const auto file = Open("a", Mode::kRead);
  ExpectError(Write(*file, 7, "x"), StatusCode::kIo,
              "cannot write " + Path("a") + " at position 7: Bad file descriptor");
  EXPECT_EQ(file->Truncate(0).code(), StatusCode::kIo);
  EXPECT_EQ(file->Reserve(0, 1).status().code(), StatusCode::kIo);
  EXPECT_TRUE(file->Sync().ok());
}

TEST_F(PosixFileSystem, AFolderIsNoFileAndAFileNoFolder) {
  ASSERT_TRUE(posix_.MakeFolder(Path("folder")).ok());
  Open("file");
  for (const Mode mode : {Mode::kRead, Mode::kReadWrite, Mode::kOpenOrCreate})
    ExpectError(posix_.Open(Path("folder"), mode).status(), StatusCode::kIo,
                "cannot open " + Path("folder") + ": Is a directory");
  ExpectError(posix_.MakeFolder(Path("file")), StatusCode::kIo,
              "cannot make folder " + Path("file") + ": File exists");
  ExpectError(posix_.List(Path("file")).status(), StatusCode::kIo,
              "cannot list " + Path("file") + ": Not a directory");
  ExpectError(posix_.SyncFolder(Path("file")), StatusCode::kIo,
              "cannot sync folder " + Path("file") + ": Not a directory");
  EXPECT_EQ(posix_.Open(Path("file/a"), Mode::kCreate).status().code(), StatusCode::kIo);
}

TEST_F(PosixFileSystem, AFolderIsMadeOnceAndListedInOrder) {
  ASSERT_TRUE(posix_.MakeFolder(Path("folder")).ok());
  EXPECT_TRUE(posix_.MakeFolder(Path("folder")).ok());
  for (const char* name : {"folder/b", "folder/10", "folder/a", "folder/.hidden"}) Open(name);
  ASSERT_TRUE(posix_.MakeFolder(Path("folder/9")).ok());
  EXPECT_THAT(posix_.List(Path("folder")).value(), ElementsAre(".hidden", "10", "9", "a", "b"));
  EXPECT_TRUE(posix_.SyncFolder(Path("folder")).ok());
  ExpectError(posix_.List(Path("none")).status(), StatusCode::kNotFound,
              "cannot list " + Path("none") + ": No such file or directory");
  EXPECT_EQ(posix_.SyncFolder(Path("none")).code(), StatusCode::kIo);
  EXPECT_EQ(posix_.MakeFolder(Path("none/a")).code(), StatusCode::kNotFound);
}

TEST_F(PosixFileSystem, RemoveTakesFilesAndEmptyFolders) {
  ASSERT_TRUE(posix_.MakeFolder(Path("folder")).ok());
  const auto file = Open("folder/a");
  ASSERT_TRUE(Write(*file, 0, "x").ok());
  ExpectError(posix_.Remove(Path("folder")), StatusCode::kIo,
              "cannot remove " + Path("folder") + ": Directory not empty");
  EXPECT_TRUE(posix_.Remove(Path("folder/a")).ok());
  EXPECT_EQ(Read(*file, 0, 1), "x");
  EXPECT_TRUE(posix_.Remove(Path("folder")).ok());
  ExpectError(posix_.Remove(Path("folder")), StatusCode::kNotFound,
              "cannot remove " + Path("folder") + ": No such file or directory");
}

TEST_F(PosixFileSystem, RenameReplaces) {
  ASSERT_TRUE(Write(*Open("a"), 0, "new").ok());
  ASSERT_TRUE(Write(*Open("b"), 0, "old").ok());
  ASSERT_TRUE(posix_.Rename(Path("a"), Path("b")).ok());
  EXPECT_EQ(Read(*Open("b"), 0, 9), "new");
  EXPECT_THAT(posix_.List(folder_).value(), ElementsAre("b"));
  ExpectError(posix_.Rename(Path("a"), Path("b")), StatusCode::kNotFound,
              "cannot rename " + Path("a") + " to " + Path("b") + ": No such file or directory");
}

TEST_F(PosixFileSystem, ALinkIsTheSameFileAndReplacesNothing) {
  ASSERT_TRUE(Write(*Open("a"), 0, "old").ok());
  ASSERT_TRUE(posix_.Link(Path("a"), Path("b")).ok());
  ASSERT_TRUE(Write(*Open("b"), 0, "new").ok());
  EXPECT_EQ(Read(*Open("a"), 0, 9), "new");
  ExpectError(posix_.Link(Path("a"), Path("b")), StatusCode::kIo,
              "cannot link " + Path("a") + " to " + Path("b") + ": File exists");
  EXPECT_EQ(posix_.Link(Path("none"), Path("c")).code(), StatusCode::kNotFound);
}

TEST_F(PosixFileSystem, ReserveGrowsWithZerosAndKeepsWhatIsThere) {
  const auto file = Open("a");
  ASSERT_TRUE(Write(*file, 0, "abc").ok());
  const Result<bool> reserved = file->Reserve(2, 10'000);
  if (!*reserved) GTEST_SKIP() << "fallocate is not to be had in " << folder_;
  EXPECT_EQ(file->Size().value(), 10'002U);
  EXPECT_EQ(Read(*file, 0, 20'000), "abc" + std::string(9'999, '\0'));
  struct stat status {};
  ASSERT_EQ(::stat(Path("a").c_str(), &status), 0);
  EXPECT_GE(status.st_blocks * 512, 10'002);
  EXPECT_TRUE(*file->Reserve(0, 5));
  EXPECT_TRUE(*file->Reserve(50'000, 0));
  EXPECT_EQ(file->Size().value(), 10'002U);
  EXPECT_EQ(file->Reserve(UINT64_MAX, 1).status().code(), StatusCode::kIo);
  EXPECT_EQ(file->Reserve(1, INT64_MAX).status().code(), StatusCode::kIo);
}

TEST_F(PosixFileSystem, TruncateCutsAndGrowsWithZeros) {
  const auto file = Open("a");
  ASSERT_TRUE(Write(*file, 0, "0123456789").ok());
  ASSERT_TRUE(file->Truncate(4).ok());
  ASSERT_TRUE(file->Truncate(6).ok());
  EXPECT_EQ(Read(*file, 0, 100), std::string("0123\0\0", 6));
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(file->Truncate(UINT64_MAX).code(), StatusCode::kIo);
}

TEST_F(PosixFileSystem, ALockExcludesOtherFilesUntilItsOwnIsClosed) {
  auto first = Open("LOCK");
  const auto second = Open("LOCK");
  ASSERT_TRUE(first->TryLock().ok());
  EXPECT_TRUE(first->TryLock().ok());
  ExpectError(second->TryLock(), StatusCode::kUnavailable,
              "cannot lock " + Path("LOCK") + ": it is locked already");
  first.reset();
  EXPECT_TRUE(second->TryLock().ok());
}

TEST_F(PosixFileSystem, SharedLocksExcludeExclusiveOnesAlone) {
  auto first = Open("BACKUP");
  auto second = Open("BACKUP", Mode::kRead);
  const auto third = Open("BACKUP");
  ASSERT_TRUE(first->TryLockShared().ok());
  EXPECT_TRUE(second->TryLockShared().ok());
  ExpectError(third->TryLock(), StatusCode::kUnavailable,
              "cannot lock " + Path("BACKUP") + ": it is locked already");
  first.reset();
  EXPECT_EQ(third->TryLock().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(second->TryLock().ok());
  ExpectError(third->TryLockShared(), StatusCode::kUnavailable,
              "cannot lock " + Path("BACKUP") + ": it is locked already");
  EXPECT_TRUE(second->TryLockShared().ok());
  EXPECT_TRUE(third->TryLockShared().ok());
}

// Exits 1 where the lock was to be had, 2 where it is another's.
int TryLockInAChild(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto file = FileSystem::Posix().Open(path, Mode::kReadWrite);
    const StatusCode code = (*file)->TryLock().code();
    ::_exit(code == StatusCode::kOk ? 1 : code == StatusCode::kUnavailable ? 2 : 3);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(PosixFileSystem, ALockExcludesOtherProcesses) {
  auto file = Open("LOCK");
  ASSERT_TRUE(file->TryLock().ok());
  EXPECT_EQ(TryLockInAChild(Path("LOCK")), 2);
  file.reset();
  EXPECT_EQ(TryLockInAChild(Path("LOCK")), 1);
}

TEST_F(PosixFileSystem, NoFileIsHandedToAProgramThatIsStarted) {
  const auto first = Open("a", Mode::kCreate);
  const auto second = Open("a", Mode::kRead);
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    if (std::filesystem::read_symlink(entry.path(), error) != Path("a")) continue;
    EXPECT_NE(::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC, 0);
    ++found;
  }
  EXPECT_EQ(found, 2);
}

TEST_F(PosixFileSystem, FreeBytesAreThoseOfTheFileSystemThereAndNotOfAMissingOne) {
  EXPECT_GT(posix_.FreeBytes(folder_).value(), 0U);
  ExpectError(posix_.FreeBytes(Path("none")).status(), StatusCode::kIo,
              "cannot tell the free space of " + Path("none") + ": No such file or directory");
}

TEST_F(PosixFileSystem, AFileOverTheLimitOfItsSizeIsNotAFullFileSystem) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1000, 1000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(1);
    const auto file = Open("a");
    const Status status = Write(*file, 0, std::string(3000, 'x'));
    const bool right = status.code() == StatusCode::kIo &&
                       status.message().ends_with("at position 1000: File too large");
    ::_exit(right && Read(*file, 0, 2000) == std::string(1000, 'x') ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(PosixFileSystem, AFullFileSystemIsNoSpace) {
  ASSERT_TRUE(posix_.MakeFolder(Path("small")).ok());
  if (::mount("tmpfs", Path("small").c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "mounting is not allowed";
  {
    const auto file = Open("small/a");
    EXPECT_EQ(posix_.FreeBytes(Path("small")).value(), 64U << 10);
    const Status written = Write(*file, 0, std::string(100 << 10, 'x'));
    ExpectError(written, StatusCode::kNoSpace,
                "cannot write " + Path("small/a") + " at position 65536: No space left on device");
    EXPECT_EQ(file->Size().value(), 64U << 10);
    EXPECT_EQ(posix_.FreeBytes(Path("small")).value(), 0U);
    ExpectError(file->Reserve(64 << 10, 4096).status(), StatusCode::kNoSpace,
                "cannot reserve room in " + Path("small/a") + ": No space left on device");
    EXPECT_TRUE(*file->Reserve(0, 64 << 10));
  }
  EXPECT_EQ(::umount(Path("small").c_str()), 0);
}

}  // namespace
}  // namespace daybook
