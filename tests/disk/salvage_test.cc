// Blocks that the disk cannot read any more.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "disk/repair_test.h"
#include "disk/salvage_file.h"

namespace daybook::disk {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kBlockBytes = 4096;

// A file of which one block cannot be read.
class SickFile : public File {
 public:
  SickFile(std::unique_ptr<File> file, std::uint64_t block)
      : File(file->path()), file_(std::move(file)), position_(block * kBlockBytes) {}

  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> out) const override {
    if (position < position_ + kBlockBytes && position + out.size() > position_)
      return Status(StatusCode::kIo, "cannot read " + path() + ": Input/output error");
    return file_->ReadAt(position, out);
  }
  Status WriteAt(std::uint64_t position, std::span<const std::string_view> pieces) override {
    return file_->WriteAt(position, pieces);
  }
  Result<bool> Reserve(std::uint64_t position, std::uint64_t bytes) override {
    return file_->Reserve(position, bytes);
  }
  Status Sync() override { return file_->Sync(); }
  Status Truncate(std::uint64_t bytes) override { return file_->Truncate(bytes); }
  Result<std::uint64_t> Size() const override { return file_->Size(); }
  Status TryLock() override { return file_->TryLock(); }
  Status TryLockShared() override { return file_->TryLockShared(); }

 private:
  const std::unique_ptr<File> file_;
  const std::uint64_t position_;
};

// Files in memory, of which one has a block that cannot be read as long as it has its name.
class SickFileSystem : public test::SimulatedFileSystem {
 public:
  void Sicken(const std::string& path, std::uint64_t block) {
    sick_path_ = path;
    block_ = block;
  }

  Result<std::unique_ptr<File>> Open(const std::string& path, Mode mode) override {
    Result<std::unique_ptr<File>> file = test::SimulatedFileSystem::Open(path, mode);
    if (!file.ok() || path != sick_path_) return file;
    return std::unique_ptr<File>(std::make_unique<SickFile>(std::move(*file), block_));
  }
  Status Rename(const std::string& from, const std::string& to) override {
    if (to == sick_path_) sick_path_.clear();
    return test::SimulatedFileSystem::Rename(from, to);
  }

 private:
  std::string sick_path_;
  std::uint64_t block_ = 0;
};

class SalvageTest : public RepairTest {
 protected:
  // The folder as it was written, on a disk that has a sick block in one of the log's segments.
  void WriteOn(SickFileSystem& files, std::uint64_t block, bool in_last = false) {
    WriteSegments();
    for (const std::string& path : files_.Files()) {
      for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
           slash = path.find('/', slash + 1)) {
        ASSERT_TRUE(files.MakeFolder(path.substr(0, slash)).ok());
      }
      files.SetContents(path, files_.Contents(path));
    }
    files.Sicken(in_last ? Segments().back() : Segments().front(), block);
  }
};

TEST_F(SalvageTest, ABlockThatCannotBeReadIsGarbageAndAllOthersAreWhatTheyWere) {
  files_.SetContents("/file", std::string(3 * kBlockBytes + 10, 'a'));
  const SalvageFile file(
      std::make_unique<SickFile>(std::move(*files_.Open("/file", FileSystem::Mode::kRead)), 1));
  std::string bytes(4 * kBlockBytes, '\0');
  const auto read = file.ReadAt(100, {bytes.data(), bytes.size()});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, 3 * kBlockBytes + 10 - 100);
  for (std::size_t i = 0; i < *read; ++i) {
    const bool sick = (100 + i) / kBlockBytes == 1;
    ASSERT_EQ(bytes[i] == 'a', !sick) << i;
    ASSERT_NE(bytes[i], '\0');
  }
  EXPECT_TRUE(file.ErrorBetween(0, kBlockBytes).ok());
  EXPECT_FALSE(file.ErrorBetween(kBlockBytes + 5, kBlockBytes + 6).ok());
  EXPECT_TRUE(file.ErrorBetween(2 * kBlockBytes, 4 * kBlockBytes).ok());
}

TEST_F(SalvageTest, ABlockInAFrameIsDamageWithTheDisksOwnWords) {
  SickFileSystem files;
  WriteOn(files, 1);
  const std::vector<Fault> faults = FaultsIn(files);
  ASSERT_FALSE(faults.empty());
  EXPECT_EQ(faults[0].kind, Fault::Kind::kDamage);
  EXPECT_EQ(faults[0].position, kSegmentHeaderBytes);
  EXPECT_THAT(faults[0].what, HasSubstr("Input/output error"));
  const Values left = Repaired(files);
  ASSERT_EQ(left.size(), written_.size());
  EXPECT_FALSE(left[0]);
  for (std::size_t i = OffsetOf(Segments().at(1)).value; i < left.size(); ++i)
    EXPECT_EQ(left[i], written_[i]);
}

TEST_F(SalvageTest, AHeaderThatCannotBeReadTakesNothingIfTheIndexHasTheSalt) {
  SickFileSystem files;
  WriteOn(files, 0);
  EXPECT_TRUE(IsDamaged(files));
  EXPECT_EQ(Repaired(files), written_);
}

TEST_F(SalvageTest, AnEndThatCannotBeReadIsNoTornTail) {
  SickFileSystem files;
  WriteOn(files, 1, true);
  ASSERT_TRUE(files.Remove(IndexOf(Segments().back())).ok());
  EXPECT_TRUE(IsDamaged(files));
}

}  // namespace
}  // namespace daybook::disk
