#include "support/simulated_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/file_calls.h"

namespace daybook::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Mode = FileSystem::Mode;

std::unique_ptr<SimulatedFileSystem> OnlySynced(const SimulatedFileSystem& file_system) {
  return file_system.AfterPowerLoss(LossModel::kNothingKept, 0);
}

TEST(SimulatedFileSystem, SyncedBytesSurviveAndLaterOnesDoNot) {
  SimulatedFileSystem files;
  const auto file = OpenFile(files, "/a");
  ExpectOk(files.SyncFolder("/"));
  Write(*file, 0, "synced");
  ExpectOk(file->Sync());
  Write(*file, 2, "lost and longer");
  EXPECT_EQ(files.Contents("/a"), "sylost and longer");
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "synced");
  ExpectOk(file->Sync());
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "sylost and longer");
}

TEST(SimulatedFileSystem, UnsyncedNameIsLostThoughItsContentWasSynced) {
  SimulatedFileSystem files;
  const auto file = OpenFile(files, "/a");
  Write(*file, 0, "synced");
  ExpectOk(file->Sync());
  EXPECT_THAT(OnlySynced(files)->Files(), IsEmpty());
  ExpectOk(files.SyncFolder("/"));
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "synced");
}

TEST(SimulatedFileSystem, ASyncedNameOfAnUnsyncedFileIsAnEmptyFile) {
  SimulatedFileSystem files;
  const auto file = OpenFile(files, "/a");
  Write(*file, 0, "lost");
  ExpectOk(files.SyncFolder("/"));
  EXPECT_THAT(OnlySynced(files)->Files(), ElementsAre("/a"));
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "");
}

TEST(SimulatedFileSystem, AFolderNeedsTheSyncOfTheOneAbove) {
  SimulatedFileSystem files;
  ExpectOk(files.MakeFolder("/data"));
  files.SetContents("/data/a", "x");
  ExpectOk(files.SyncFolder("/data"));
  EXPECT_THAT(OnlySynced(files)->Files(), IsEmpty());
  ExpectOk(files.SyncFolder("/"));
  EXPECT_THAT(OnlySynced(files)->Files(), ElementsAre("/data/a"));
}

TEST(SimulatedFileSystem, UnsyncedRemovalsAndRenamesComeBack) {
  SimulatedFileSystem files;
  files.SetContents("/a", "a");
  files.SetContents("/b", "b");
  ExpectOk(files.Remove("/a"));
  ExpectOk(files.Rename("/b", "/c"));
  EXPECT_THAT(files.Files(), ElementsAre("/c"));
  EXPECT_THAT(OnlySynced(files)->Files(), ElementsAre("/a", "/b"));
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "a");
  ExpectOk(files.SyncFolder("/"));
  EXPECT_THAT(OnlySynced(files)->Files(), ElementsAre("/c"));
  EXPECT_EQ(OnlySynced(files)->Contents("/c"), "b");
}

TEST(SimulatedFileSystem, ARenameBetweenFoldersIsSyncedWithEitherOfThem) {
  for (const std::string folder : {"/x", "/y"}) {
    SimulatedFileSystem files;
    ExpectOk(files.MakeFolder("/x"));
    ExpectOk(files.MakeFolder("/y"));
    ExpectOk(files.SyncFolder("/"));
    OpenFile(files, "/x/made");
    ExpectOk(files.Rename("/x/made", "/y/made"));
    OpenFile(files, folder == "/x" ? "/y/other" : "/x/other");
    ExpectOk(files.SyncFolder(folder));
    EXPECT_THAT(OnlySynced(files)->Files(), ElementsAre("/y/made")) << folder;
    ExpectOk(files.SyncFolder("/x"));
    ExpectOk(files.SyncFolder("/y"));
    EXPECT_EQ(OnlySynced(files)->Files(), files.Files());
  }
}

TEST(SimulatedFileSystem, LinksShareContentAndSync) {
  SimulatedFileSystem files;
  files.SetContents("/a", "old");
  ExpectOk(files.Link("/a", "/b"));
  ExpectOk(files.SyncFolder("/"));
  const auto file = OpenFile(files, "/b");
  Write(*file, 0, "new");
  ExpectOk(OpenFile(files, "/a")->Sync());
  ExpectOk(files.Remove("/a"));
  ExpectOk(files.SyncFolder("/"));
  EXPECT_THAT(OnlySynced(files)->Files(), ElementsAre("/b"));
  EXPECT_EQ(OnlySynced(files)->Contents("/b"), "new");
}

TEST(SimulatedFileSystem, AFileThatWasRemovedWorksWhileItIsOpen) {
  SimulatedFileSystem files;
  files.SetCapacity(kPageBytes);
  auto file = OpenFile(files, "/a");
  ExpectOk(files.Remove("/a"));
  ExpectOk(files.SyncFolder("/"));
  Write(*file, 0, "still");
  ExpectOk(file->Sync());
  EXPECT_EQ(Read(*file, 0, 9), "still");
  EXPECT_EQ(files.FreeBytes("/").value(), 0U);
  file.reset();
  EXPECT_EQ(files.FreeBytes("/").value(), kPageBytes);
}

TEST(SimulatedFileSystem, SyncedTruncationsCutAndUnsyncedOnesDoNot) {
  SimulatedFileSystem files;
  files.SetContents("/a", std::string(10'000, 'x'));
  const auto file = OpenFile(files, "/a");
  ExpectOk(file->Truncate(5'000));
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), std::string(10'000, 'x'));
  ExpectOk(file->Truncate(9'000));
  ExpectOk(file->Sync());
  const std::string expected = std::string(5'000, 'x') + std::string(4'000, '\0');
  EXPECT_EQ(files.Contents("/a"), expected);
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), expected);
}

TEST(SimulatedFileSystem, ReservationsAreSyncedAsZeros) {
  SimulatedFileSystem files;
  files.SetContents("/a", "x");
  const auto file = OpenFile(files, "/a");
  EXPECT_TRUE(file->Reserve(0, 10'000).value());
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "x");
  ExpectOk(file->Sync());
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "x" + std::string(9'999, '\0'));
}

TEST(SimulatedFileSystem, AWholeSyncCarriesFilesAndNamesOfAllFolders) {
  SimulatedFileSystem files;
  ExpectOk(files.MakeFolder("/f"));
  Write(*OpenFile(files, "/f/a"), 0, "a");
  Write(*OpenFile(files, "/b"), 0, "b");
  ExpectOk((*files.BeginWholeSync("/b"))->Sync());
  Write(*OpenFile(files, "/b"), 0, "c");
  ExpectOk(files.Rename("/b", "/f/b"));
  const auto after = OnlySynced(files);
  EXPECT_THAT(after->Files(), testing::ElementsAre("/b", "/f/a"));
  EXPECT_EQ(after->Contents("/f/a"), "a");
  EXPECT_EQ(after->Contents("/b"), "b");
  files.NoWholeSync(true);
  EXPECT_EQ(*files.BeginWholeSync("/f/b"), nullptr);
  EXPECT_EQ(files.BeginWholeSync("/none").status().code(), StatusCode::kNotFound);
}

TEST(SimulatedFileSystem, WhereNothingCanBeReservedNothingIsDone) {
  SimulatedFileSystem files;
  files.NoReserve(true);
  files.SetCapacity(kPageBytes);
  const auto file = OpenFile(files, "/a");
  EXPECT_FALSE(file->Reserve(0, 100'000).value());
  EXPECT_EQ(file->Size().value(), 0U);
  files.NoReserve(false);
  EXPECT_TRUE(file->Reserve(0, kPageBytes).value());
}

TEST(SimulatedFileSystem, CapacityIsCountedInPagesOfAllFiles) {
  SimulatedFileSystem files;
  files.SetCapacity(4 * kPageBytes);
  const auto a = OpenFile(files, "/a");
  const auto b = OpenFile(files, "/b");
  Write(*a, 0, "x");
  EXPECT_TRUE(b->Reserve(100, kPageBytes).value());
  EXPECT_EQ(files.FreeBytes("/").value(), kPageBytes);
  Write(*b, 0, std::string(2 * kPageBytes, 'x'));  // within what was reserved
  const Status status = TryWrite(*a, 100, std::string(3 * kPageBytes, 'y'));
  EXPECT_EQ(status.ToString(),
            "no space: cannot write /a at position 100: No space left on device");
  EXPECT_EQ(files.Contents("/a"),
            "x" + std::string(99, '\0') + std::string(2 * kPageBytes - 100, 'y'));
  EXPECT_EQ(files.FreeBytes("/").value(), 0U);
  EXPECT_EQ(b->Reserve(0, 3 * kPageBytes).status().code(), StatusCode::kNoSpace);
  ExpectOk(a->Truncate(kPageBytes));
  EXPECT_EQ(files.FreeBytes("/").value(), kPageBytes);
  EXPECT_TRUE(b->Reserve(0, 3 * kPageBytes).value());
}

TEST(SimulatedFileSystem, WhatWasReservedStaysSoAfterAPowerLoss) {
  SimulatedFileSystem files;
  files.SetCapacity(4 * kPageBytes);
  files.SetContents("/a", "");
  {
    const auto file = OpenFile(files, "/a");
    EXPECT_TRUE(file->Reserve(0, 3 * kPageBytes).value());
    ExpectOk(file->Sync());
  }
  const auto after = OnlySynced(files);
  EXPECT_EQ(after->FreeBytes("/").value(), kPageBytes);
  Write(*OpenFile(*after, "/b"), 0, "x");
  Write(*OpenFile(*after, "/a"), 0, std::string(3 * kPageBytes, 'x'));
}

TEST(SimulatedFileSystem, OperationsAreNumberedAndNamed) {
  SimulatedFileSystem files;
  ExpectOk(files.MakeFolder("/data"));
  const auto file = OpenFile(files, "/data/a");
  OpenFile(files, "/data/a");
  Write(*file, 7, "abc");
  Read(*file, 0, 1);
  ExpectOk(file->Sync());
  EXPECT_TRUE(file->Reserve(5, 6).value());
  ExpectOk(file->Truncate(4));
  ExpectOk(files.Rename("/data/a", "/data/b"));
  ExpectOk(files.Link("/data/b", "/data/c"));
  ExpectOk(files.Remove("/data/b"));
  ExpectOk(files.SyncFolder("/data"));
  EXPECT_FALSE(files.Open("/data/none", Mode::kRead).ok());
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < files.operations(); ++i) names.push_back(files.OperationName(i));
  EXPECT_THAT(names, ElementsAre("MakeFolder /data", "Open /data/a", "WriteAt /data/a 3 bytes at 7",
                                 "Sync /data/a", "Reserve /data/a 6 bytes at 5",
                                 "Truncate /data/a to 4", "Rename /data/a to /data/b",
                                 "Link /data/b to /data/c", "Remove /data/b", "SyncFolder /data"));
}

TEST(SimulatedFileSystem, AlteredBytesAreOnTheDiskToo) {
  SimulatedFileSystem files;
  files.SetContents("/a", "abc");
  {
    const auto file = OpenFile(files, "/a");
    Write(*file, 1, "B");
  }
  files.FlipBit("/a", 8 * 2 + 5);
  EXPECT_EQ(files.Contents("/a"), "aBC");
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "aBC");
  files.SetContents("/a", "d");
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "d");
  EXPECT_EQ(files.operations(), 1U);
}

TEST(SimulatedFileSystem, ACloneHasCacheAndDiskAndGoesItsOwnWay) {
  SimulatedFileSystem files;
  files.SetContents("/a", "disk");
  const auto file = OpenFile(files, "/a");
  Write(*file, 0, "cache");
  ExpectOk(file->TryLock());
  const auto clone = files.Clone();
  Write(*file, 0, "later");
  EXPECT_EQ(clone->Contents("/a"), "cache");
  EXPECT_EQ(OnlySynced(*clone)->Contents("/a"), "disk");
  const auto other = OpenFile(*clone, "/a");
  ExpectOk(other->TryLock());
  Write(*other, 0, "other");
  ExpectOk(other->Sync());
  EXPECT_EQ(OnlySynced(*clone)->Contents("/a"), "other");
  EXPECT_EQ(files.Contents("/a"), "later");
  EXPECT_EQ(OnlySynced(files)->Contents("/a"), "disk");
  EXPECT_EQ(clone->operations(), 2U);  // WriteAt and Sync
}

TEST(SimulatedFileSystem, SharedLocksExcludeExclusiveOnesAlone) {
  SimulatedFileSystem files;
  auto first = OpenFile(files, "/a");
  const auto second = OpenFile(files, "/a", FileSystem::Mode::kRead);
  const auto third = OpenFile(files, "/a");
  ExpectOk(first->TryLockShared());
  ExpectOk(second->TryLockShared());
  EXPECT_EQ(third->TryLock().code(), StatusCode::kUnavailable);
  first.reset();
  EXPECT_EQ(third->TryLock().code(), StatusCode::kUnavailable);
  ExpectOk(second->TryLock());
  EXPECT_EQ(third->TryLockShared().code(), StatusCode::kUnavailable);
  ExpectOk(second->TryLockShared());
  ExpectOk(third->TryLockShared());
}

TEST(SimulatedFileSystem, CallsFromSeveralThreadsDoNotMeet) {
  SimulatedFileSystem files;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&files, t] {
      const auto file = OpenFile(files, "/" + std::to_string(t));
      for (int i = 0; i < 100; ++i) {
        Write(*file, static_cast<std::uint64_t>(i) * 100, std::string(100, 'x'));
        ExpectOk(file->Sync());
        ExpectOk(files.SyncFolder("/"));
        if (i % 10 == 0) OnlySynced(*files.Clone())->Contents("/" + std::to_string(t));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(files.operations(), 4U * 301);
  for (const std::string& path : OnlySynced(files)->Files())
    EXPECT_EQ(files.Contents(path), std::string(10'000, 'x'));
}

TEST(SimulatedFileSystemDeathTest, AFileThatOutlivesItsFileSystemIsABrokenInvariant) {
  EXPECT_DEATH(
      {
        auto files = std::make_unique<SimulatedFileSystem>();
        const auto file = OpenFile(*files, "/a");
        files.reset();
      },
      "outlive");
}

// Random calls, each made to Linux and to the simulation.
class Both {
 public:
  Both(const std::string& folder, std::uint64_t seed)
      : folder_(folder), linux_(FileSystem::Posix()), random_(seed) {
    std::filesystem::create_directories(folder);
    for (std::size_t end = 0; end != std::string::npos;) {
      end = folder.find('/', end + 1);
      ExpectOk(simulated_.MakeFolder(folder.substr(0, end)));
    }
  }

  void Step() {
    const std::string path = Path();
    switch (Below(11)) {
      case 0:
        return Same(linux_.MakeFolder(path), simulated_.MakeFolder(path));
      case 1: {
        const std::string other = Path();
        return Same(linux_.Rename(path, other), simulated_.Rename(path, other));
      }
      case 2: {
        const std::string other = Path();
        return Same(linux_.Link(path, other), simulated_.Link(path, other));
      }
      case 3:
        return Same(linux_.Remove(path), simulated_.Remove(path));
      case 4:
        return Same(linux_.SyncFolder(path), simulated_.SyncFolder(path));
      case 5: {
        const auto real = linux_.List(path);
        const auto simulated = simulated_.List(path);
        Same(real.status(), simulated.status());
        EXPECT_EQ(real.ok() ? real.value() : std::vector<std::string>(),
                  simulated.ok() ? simulated.value() : std::vector<std::string>());
        return;
      }
      default:
        return StepOfAFile(path);
    }
  }

 private:
  std::uint64_t Below(std::uint64_t end) { return random_() % end; }
  std::string Path() {
    std::string path = folder_;
    do path += "/" + std::string(1, static_cast<char>('a' + Below(3)));
    while (Below(3) == 0);
    return path;
  }
  void Same(const Status& real, const Status& simulated) {
    EXPECT_EQ(real.ToString(), simulated.ToString());
  }

  void StepOfAFile(const std::string& path) {
    const auto mode = static_cast<Mode>(Below(4));
    const auto real = linux_.Open(path, mode);
    const auto simulated = simulated_.Open(path, mode);
    Same(real.status(), simulated.status());
    if (!real.ok() || !simulated.ok()) return;
    for (int i = 0; i < 4; ++i) StepOfAFile(**real, **simulated);
    EXPECT_EQ((*real)->Size().value(), (*simulated)->Size().value());
    EXPECT_EQ(Read(**real, 0, 50'000), Read(**simulated, 0, 50'000));
  }

  void StepOfAFile(File& real, File& simulated) {
    const std::uint64_t position = Below(10'000);
    const std::uint64_t bytes = Below(10'000);
    const std::string text(bytes, static_cast<char>(Below(3)));
    switch (Below(5)) {
      case 0:
        return Same(real.Truncate(bytes), simulated.Truncate(bytes));
      case 1:
        return Same(real.Reserve(position, bytes).status(),
                    simulated.Reserve(position, bytes).status());
      case 2:
        EXPECT_EQ(Read(real, position, bytes), Read(simulated, position, bytes));
        return;
      default:
        return Same(TryWrite(real, position, text), TryWrite(simulated, position, text));
    }
  }

  const std::string folder_;
  FileSystem& linux_;
  SimulatedFileSystem simulated_;
  std::mt19937_64 random_;
};

TEST(SimulatedFileSystem, ItAnswersAsLinuxDoes) {
  const std::string folder = testing::TempDir() + "simulated_" + std::to_string(getpid());
  for (std::uint64_t seed = 0; seed < 40 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Both both(folder, seed);
    for (int i = 0; i < 200 && !testing::Test::HasFailure(); ++i) both.Step();
    std::filesystem::remove_all(folder);
  }
}

}  // namespace
}  // namespace daybook::test
