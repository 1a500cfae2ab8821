// What the loss models of a SimulatedFileSystem leave; each claim for many seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/file_calls.h"
#include "support/simulated_file_system.h"

namespace daybook::test {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;

constexpr std::uint64_t kSeeds = 1'000;

std::string Sectors(std::size_t count, char byte) {
  return std::string(count * kSectorBytes, byte);
}

// The first byte of each sector.
std::string Outline(const std::string& content) {
  std::string outline;
  for (std::size_t i = 0; i < content.size(); i += kSectorBytes) outline += content[i];
  return outline;
}

// The file's outlines, or "none", that seeds leave.
std::set<std::string> Outcomes(const SimulatedFileSystem& files, LossModel model,
                               const std::string& path, std::uint64_t seeds = kSeeds) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto after = files.AfterPowerLoss(model, seed);
    const std::vector<std::string> paths = after->Files();
    const bool found = std::find(paths.begin(), paths.end(), path) != paths.end();
    outcomes.insert(found ? Outline(after->Contents(path)) : "none");
  }
  return outcomes;
}

// Whether the two hold the same files.
bool AreAlike(const SimulatedFileSystem& a, const SimulatedFileSystem& b) {
  const std::vector<std::string> paths = a.Files();
  return paths == b.Files() && std::all_of(paths.begin(), paths.end(), [&](const auto& path) {
           return a.Contents(path) == b.Contents(path);
         });
}

// A few files and names with unsynced changes of every kind.
std::unique_ptr<SimulatedFileSystem> Busy() {
  auto files = std::make_unique<SimulatedFileSystem>();
  files->SetContents("/gone", Sectors(20, 'g'));
  files->SetContents("/a", Sectors(4, 'a'));
  files->SetContents("/b", Sectors(4, 'b'));
  const auto a = OpenFile(*files, "/a");
  Write(*a, 700, Sectors(5, 'A'));
  EXPECT_TRUE(a->Reserve(4'000, 6'000).value());
  ExpectOk(files->Remove("/gone"));
  ExpectOk(files->Rename("/b", "/c"));
  const auto made = OpenFile(*files, "/made");
  Write(*made, 0, Sectors(9, 'm'));
  ExpectOk(a->Truncate(3'000));
  return files;
}

TEST(PowerLoss, TheSameSeedGivesTheSameDisk) {
  const auto files = Busy();
  for (const LossModel model : {LossModel::kNothingKept, LossModel::kEverythingKept,
                                LossModel::kRandomSectors, LossModel::kOrderedPrefix}) {
    for (std::uint64_t seed = 0; seed < 100; ++seed)
      EXPECT_TRUE(AreAlike(*files->AfterPowerLoss(model, seed),
                           *files->Clone()->AfterPowerLoss(model, seed)))
          << "seed " << seed;
  }
}

TEST(PowerLoss, ModelsDoLose) {
  const auto files = Busy();
  EXPECT_FALSE(AreAlike(*files->AfterPowerLoss(LossModel::kNothingKept, 0), *files));
  EXPECT_TRUE(AreAlike(*files->AfterPowerLoss(LossModel::kEverythingKept, 0), *files));
  const std::vector<std::pair<std::string, char>> unsynced = {{"/a", 'A'}, {"/made", 'm'}};
  for (const LossModel model : {LossModel::kRandomSectors, LossModel::kOrderedPrefix}) {
    for (const auto& [path, byte] : unsynced) {
      int lost = 0;
      for (const std::string& outcome : Outcomes(*files, model, path))
        lost += outcome == "none" || outcome.find(byte) == std::string::npos ? 1 : 0;
      const int all = static_cast<int>(Outcomes(*files, model, path).size());
      EXPECT_GT(lost, 0) << path;
      EXPECT_LT(lost, all) << path;
    }
    const std::set<std::string> gone = Outcomes(*files, model, "/gone");
    EXPECT_THAT(gone, ElementsAre(std::string(20, 'g'), "none"));
  }
}

TEST(PowerLoss, WhatIsFoundIsOnTheDisk) {
  const auto files = Busy();
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto after = files->AfterPowerLoss(LossModel::kRandomSectors, seed);
    EXPECT_TRUE(AreAlike(*after, *after->AfterPowerLoss(LossModel::kNothingKept, 0)));
    EXPECT_TRUE(AreAlike(*after, *after->AfterPowerLoss(LossModel::kRandomSectors, seed)));
  }
}

TEST(PowerLoss, SyncedBytesAndNamesAreNeverLost) {
  const auto files = Busy();
  for (const std::string& path : files->Files()) ExpectOk(OpenFile(*files, path)->Sync());
  ExpectOk(files->SyncFolder("/"));
  for (const LossModel model : {LossModel::kNothingKept, LossModel::kEverythingKept,
                                LossModel::kRandomSectors, LossModel::kOrderedPrefix}) {
    for (std::uint64_t seed = 0; seed < 100; ++seed)
      EXPECT_TRUE(AreAlike(*files, *files->AfterPowerLoss(model, seed))) << "seed " << seed;
  }
}

TEST(RandomSectors, EachSectorOfAWriteSurvivesByItself) {
  SimulatedFileSystem files;
  files.SetContents("/a", Sectors(3, 'o'));
  const auto file = OpenFile(files, "/a");
  Write(*file, 0, Sectors(3, 'n'));
  EXPECT_THAT(Outcomes(files, LossModel::kRandomSectors, "/a"),
              ElementsAre("nnn", "nno", "non", "noo", "onn", "ono", "oon", "ooo"));
}

TEST(RandomSectors, AnEarlierWriteOfASectorMaySurviveALaterOne) {
  SimulatedFileSystem files;
  files.SetContents("/a", Sectors(1, '0'));
  const auto file = OpenFile(files, "/a");
  Write(*file, 0, Sectors(1, '1'));
  Write(*file, 0, Sectors(1, '2'));
  EXPECT_THAT(Outcomes(files, LossModel::kRandomSectors, "/a"), ElementsAre("0", "1", "2"));
}

TEST(RandomSectors, TheSizeIsAnyThatTheFileHadSinceItsSync) {
  SimulatedFileSystem files;
  files.SetContents("/a", "123");
  const auto file = OpenFile(files, "/a");
  Write(*file, 0, Sectors(2, 'x'));
  ExpectOk(file->Truncate(700));
  EXPECT_TRUE(file->Reserve(0, 5'000).value());
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    sizes.insert(files.AfterPowerLoss(LossModel::kRandomSectors, seed)->Contents("/a").size());
  EXPECT_THAT(sizes, ElementsAre(3, 700, 1024, 5'000));
}

TEST(RandomSectors, AnUnsyncedTruncationMayBeForgotten) {
  SimulatedFileSystem files;
  files.SetContents("/a", Sectors(4, 'o'));
  const auto file = OpenFile(files, "/a");
  ExpectOk(file->Truncate(kSectorBytes));
  EXPECT_THAT(Outcomes(files, LossModel::kRandomSectors, "/a"), ElementsAre("o", "oooo"));
}

TEST(RandomSectors, WhatGrewMayShowBytesOfAnEarlierFile) {
  SimulatedFileSystem files;
  files.SetContents("/gone", Sectors(8, 'g'));
  ExpectOk(files.Remove("/gone"));
  ExpectOk(files.SyncFolder("/"));
  files.SetContents("/a", Sectors(1, 'o'));
  const auto file = OpenFile(files, "/a");
  Write(*file, kSectorBytes, Sectors(1, 'n'));
  EXPECT_TRUE(file->Reserve(0, 3 * kSectorBytes).value());
  const std::set<std::string> outcomes = Outcomes(files, LossModel::kRandomSectors, "/a");
  EXPECT_THAT(outcomes, IsSupersetOf({std::string("og"), std::string("ogg"), std::string("ong"),
                                      std::string("o\0g", 3), std::string("on\0", 3)}));
}

TEST(RandomSectors, ASyncedReservationShowsNoGarbage) {
  SimulatedFileSystem files;
  files.SetContents("/gone", Sectors(8, 'g'));
  ExpectOk(files.Remove("/gone"));
  ExpectOk(files.SyncFolder("/"));
  files.SetContents("/a", "");
  const auto file = OpenFile(files, "/a");
  EXPECT_TRUE(file->Reserve(0, 2 * kSectorBytes).value());
  ExpectOk(file->Sync());
  Write(*file, 0, Sectors(1, 'n'));
  EXPECT_THAT(Outcomes(files, LossModel::kRandomSectors, "/a"),
              ElementsAre(std::string("\0\0", 2), std::string("n\0", 2)));
}

// Random writes, truncations and reservations of a file, with a memory of all that a sector of it
// has been since its sync.
class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {
    files_.SetContents("/gone", Sectors(40, 'g'));
    ExpectOk(files_.Remove("/gone"));
    ExpectOk(files_.SyncFolder("/"));
    cache_ = std::string(Below(10'000), 'o');
    synced_bytes_ = cache_.size();
    files_.SetContents("/a", cache_);
    sizes_.insert(cache_.size());
    Remember(0, cache_.size());
    file_ = OpenFile(files_, "/a");
    for (std::uint64_t i = Below(12); i > 0; --i) Step();
  }

  void Check(std::uint64_t seed) const {
    const std::string content =
        files_.AfterPowerLoss(LossModel::kRandomSectors, seed)->Contents("/a");
    EXPECT_EQ(sizes_.count(content.size()), 1U) << content.size();
    for (std::size_t position = 0; position < content.size(); position += kSectorBytes)
      EXPECT_TRUE(IsPossible(position / kSectorBytes, content.substr(position, kSectorBytes)))
          << "the sector at " << position << " of " << content.size();
  }

 private:
  std::uint64_t Below(std::uint64_t end) { return random_() % end; }

  void Step() {
    const std::uint64_t position = Below(20'000);
    const std::uint64_t bytes = 1 + Below(6'000);
    const std::uint64_t kind = Below(8);
    if (kind == 0) {
      for (std::uint64_t s = 0; s * kSectorBytes < cache_.size(); ++s) stale_.insert(Sector(s));
      ExpectOk(file_->Truncate(position));
      cache_.resize(position);
      cuts_.insert(position);
    } else if (kind == 1) {
      EXPECT_TRUE(file_->Reserve(position, bytes).value());
      cache_.resize(std::max<std::size_t>(cache_.size(), position + bytes));
      Touch(position, bytes);
    } else {
      const std::string text(bytes, static_cast<char>('A' + tag_++));
      Write(*file_, position, text);
      cache_.resize(std::max<std::size_t>(cache_.size(), position + bytes));
      cache_.replace(position, bytes, text);
      Touch(position, bytes);
      Remember(position, bytes);
    }
    sizes_.insert(cache_.size());
  }

  void Touch(std::uint64_t position, std::uint64_t bytes) {
    for (std::uint64_t s = position / kSectorBytes; s * kSectorBytes < position + bytes; ++s)
      touched_.insert(s);
  }
  void Remember(std::uint64_t position, std::uint64_t bytes) {
    for (std::uint64_t s = position / kSectorBytes; s * kSectorBytes < position + bytes; ++s)
      versions_[s].insert(Sector(s));
  }
  std::string Sector(std::uint64_t sector) const {
    std::string bytes = cache_.substr(sector * kSectorBytes, kSectorBytes);
    bytes.resize(kSectorBytes);
    return bytes;
  }

  bool IsPossible(std::uint64_t sector, const std::string& found) const {
    const std::uint64_t begin = sector * kSectorBytes;
    const bool grown = begin >= synced_bytes_;
    const bool cut = !cuts_.empty() && *cuts_.begin() <= begin;
    if ((grown || cut) && found == std::string(found.size(), '\0')) return true;
    const auto is_found = [&](const std::string& bytes) { return bytes.starts_with(found); };
    if (grown && touched_.count(sector) > 0 && std::any_of(stale_.begin(), stale_.end(), is_found))
      return true;
    const auto versions = versions_.find(sector);
    if (versions == versions_.end()) return false;
    for (const std::string& version : versions->second) {
      if (is_found(version)) return true;
      for (const std::uint64_t position : cuts_) {
        if (position <= begin || position >= begin + kSectorBytes) continue;
        std::string shorter = version.substr(0, position - begin);
        shorter.resize(kSectorBytes);
        if (is_found(shorter)) return true;
      }
    }
    return false;
  }

  SimulatedFileSystem files_;
  std::unique_ptr<File> file_;
  std::mt19937_64 random_;
  std::string cache_;
  std::uint64_t synced_bytes_ = 0;
  int tag_ = 0;
  std::set<std::size_t> sizes_;
  std::set<std::uint64_t> cuts_;
  std::set<std::uint64_t> touched_;
  std::set<std::string> stale_ = {Sectors(1, 'g')};  // what garbage may be
  std::map<std::uint64_t, std::set<std::string>> versions_;
};

TEST(RandomSectors, EverySurvivingSectorIsOneThatWasWritten) {
  for (std::uint64_t seed = 0; seed < kSeeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const History history(seed);
    for (std::uint64_t loss = 0; loss < 10; ++loss) history.Check(loss);
  }
}

TEST(RandomSectors, AtomicRenameLeavesOldOrNewNeverNeither) {
  SimulatedFileSystem files;
  files.SetContents("/meta", Sectors(1, 'o'));
  const auto file = OpenFile(files, "/meta.tmp");
  Write(*file, 0, Sectors(1, 'n'));
  ExpectOk(file->Sync());
  ExpectOk(files.Rename("/meta.tmp", "/meta"));
  for (const LossModel model : {LossModel::kRandomSectors, LossModel::kOrderedPrefix})
    EXPECT_THAT(Outcomes(files, model, "/meta"), ElementsAre("n", "o"));
}

TEST(RandomSectors, NamesSurviveInAnyOrder) {
  SimulatedFileSystem files;
  OpenFile(files, "/a");
  OpenFile(files, "/b");
  std::set<std::vector<std::string>> outcomes;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    outcomes.insert(files.AfterPowerLoss(LossModel::kRandomSectors, seed)->Files());
  using Paths = std::vector<std::string>;
  EXPECT_THAT(outcomes, ElementsAre(Paths{}, Paths{"/a"}, Paths{"/a", "/b"}, Paths{"/b"}));
}

// Random changes of names: what is found under a name was there since the sync, and a file that had
// a name then, and was neither removed nor replaced, has one.
void CheckNames(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  SimulatedFileSystem files;
  std::map<std::string, std::string> names;
  for (const char* path : {"/a", "/b", "/c"}) files.SetContents(path, names[path] = path);
  std::set<std::string> must_be_there = {"/a", "/b", "/c"};
  std::set<std::pair<std::string, std::string>> were_there(names.begin(), names.end());
  for (int i = 0; i < 8; ++i) {
    const std::string from = "/" + std::string(1, static_cast<char>('a' + random() % 5));
    const std::string to = "/" + std::string(1, static_cast<char>('a' + random() % 5));
    if (from == to) continue;
    if (names.count(from) == 0) {
      const auto file = OpenFile(files, from);
      Write(*file, 0, names[from] = "made " + std::to_string(i));
      ExpectOk(file->Sync());
    } else if (random() % 4 == 0) {
      ExpectOk(files.Remove(from));
      must_be_there.erase(names[from]);
      names.erase(from);
      continue;
    } else {
      ExpectOk(files.Rename(from, to));
      if (names.count(to) > 0) must_be_there.erase(names[to]);
      names[to] = names[from];
      names.erase(from);
    }
    were_there.insert(names.begin(), names.end());
  }
  const auto after = files.AfterPowerLoss(LossModel::kRandomSectors, seed);
  for (const std::string& path : after->Files()) {
    EXPECT_EQ(were_there.count({path, after->Contents(path)}), 1U) << path;
    must_be_there.erase(after->Contents(path));
  }
  EXPECT_TRUE(must_be_there.empty()) << *must_be_there.begin() << " has no name";
}

TEST(RandomSectors, ANameLeadsToAFileThatItHadAndNoFileIsLostThatKeptOne) {
  for (std::uint64_t seed = 0; seed < 10 * kSeeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    CheckNames(seed);
  }
}

TEST(OrderedPrefix, AWriteIsTornFromItsEndOnly) {
  SimulatedFileSystem files;
  files.SetContents("/a", Sectors(3, 'o'));
  const auto file = OpenFile(files, "/a");
  Write(*file, 0, Sectors(3, 'n'));
  EXPECT_THAT(Outcomes(files, LossModel::kOrderedPrefix, "/a"),
              ElementsAre("nnn", "nno", "noo", "ooo"));
}

TEST(OrderedPrefix, WhatGrewIsAsLongAsWhatWasWritten) {
  SimulatedFileSystem files;
  files.SetContents("/a", "");
  const auto file = OpenFile(files, "/a");
  Write(*file, 0, Sectors(2, 'n'));
  EXPECT_TRUE(file->Reserve(0, 4 * kSectorBytes).value());
  EXPECT_THAT(Outcomes(files, LossModel::kOrderedPrefix, "/a"),
              ElementsAre("", "n", "nn", std::string("nn\0\0", 4)));
}

TEST(OrderedPrefix, TheOrderHoldsAcrossFilesAndNames) {
  SimulatedFileSystem files;
  files.SetContents("/a", "");
  files.SetContents("/b", "");
  const auto a = OpenFile(files, "/a");
  const auto b = OpenFile(files, "/b");
  Write(*a, 0, Sectors(1, '1'));
  Write(*b, 0, Sectors(1, '2'));
  OpenFile(files, "/c");
  Write(*a, kSectorBytes, Sectors(1, '4'));
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto after = files.AfterPowerLoss(LossModel::kOrderedPrefix, seed);
    outcomes.insert(Outline(after->Contents("/a")) + "," + Outline(after->Contents("/b")) + "," +
                    std::to_string(after->Files().size()));
  }
  EXPECT_THAT(outcomes, ElementsAre(",,2", "1,,2", "1,2,2", "1,2,3", "14,2,3"));
}

}  // namespace
}  // namespace daybook::test
