// Verify, dump, backup, restore and repair of a data folder with several logs and cursors.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "disk/backup.h"
#include "disk/journal_replay.h"
#include "disk/record_dump.h"
#include "disk/repair_test.h"
#include "disk/submissions.h"

namespace daybook::disk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using LogPtr = std::shared_ptr<log::Log>;

constexpr const char* kFolder = "/data";

class ManyLogsToolsTest : public RepairTest {
 protected:
  // Three logs with records and cursors; a fourth one was deleted.
  void Fill() {
    Run(kFolder, [&](DiskLogStore& store) {
      const LogPtr first = test::FindLog(store);
      const LogPtr a = Make(store, "a");
      const LogPtr b = Make(store, "b");
      const LogPtr gone = Make(store, "gone");
      AskTogether({Append(first, "1/first"), Append(a, "1/a"), Append(b, "1/b"), Append(a, "2/a"),
                   Append(gone, "1/gone")});
      AskTogether({Put(a, "reader", 1), Put(b, "reader", 1), Put(a, "other", 2),
                   Put(gone, "reader", 0), Put(a, "reader", 2)});
      std::promise<void> deleted;
      store.Delete(gone, [&](const Status& status) {
        EXPECT_TRUE(status.ok()) << status.message();
        deleted.set_value();
      });
      deleted.get_future().get();
      store.AwaitHousekeeping();
    });
  }

  void Run(const std::string& folder, const std::function<void(DiskLogStore&)>& use) {
    const Status status = WithStore(files_, folder, {}, use);
    EXPECT_TRUE(status.ok()) << status.message();
  }

  static LogPtr Make(DiskLogStore& store, const std::string& name) {
    std::promise<LogPtr> made;
    store.Create(name, {}, [&](Result<log::Created> log) { made.set_value(log->log); });
    return made.get_future().get();
  }
  static Ask Append(const LogPtr& log, const std::string& value) {
    return [log, value](const Answered& answered) {
      AppendKeyed(*log, value, [answered](const Result<log::Appended>& appended) {
        EXPECT_TRUE(appended.ok()) << appended.status().message();
        answered();
      });
    };
  }
  static Ask Put(const LogPtr& log, const std::string& name, std::uint64_t offset) {
    return [log, name, offset](const Answered& answered) {
      log->PutCursor(name, Offset(offset), {}, [answered](const Result<log::CursorPut>& put) {
        EXPECT_TRUE(put.ok()) << put.status().message();
        answered();
      });
    };
  }

  // Appends until one file of the journal is in use, and the next one is there.
  void UseJournal(DiskLogStore& store) {
    for (int number = 100; ListJournals(files_, kFolder)->size() < 2; ++number) {
      const std::string value = std::to_string(number) + "/";
      AskTogether({Append(test::FindLog(store), value), Append(test::FindLog(store, "a"), value),
                   Append(test::FindLog(store, "b"), value)});
    }
  }

  // All that is served: "log: value value cursor@offset#revision".
  static std::vector<std::string> Served(FileSystem& files, const std::string& folder) {
    std::vector<std::string> all;
    const Status status = WithStore(files, folder, {}, [&](DiskLogStore& store) {
      std::vector<LogPtr> logs;
      store.List("", "", SIZE_MAX, [&](Result<std::vector<LogPtr>> list) { logs = *list; });
      for (const LogPtr& log : logs) {
        std::string told = log->name() + ":";
        for (Offset at; at < InfoOf(*log).next_offset; at = at + 1) {
          log->Read(at, {1, 1 << 20}, [&](const Result<log::Page>& page) {
            told += page.ok() ? " " + std::string(page->records.at(0).value) : " (lost)";
          });
        }
        log->Cursors([&](const Result<std::vector<log::Cursor>>& cursors) {
          for (const log::Cursor& cursor : *cursors) {
            told += " " + cursor.name + "@" + std::to_string(cursor.offset.value) + "#" +
                    std::to_string(cursor.revision);
          }
        });
        all.push_back(told);
      }
    });
    EXPECT_TRUE(status.ok()) << status.message();
    return all;
  }

  std::string CatalogueSegment() const {
    for (const std::string& path : files_.Files())
      if (path.starts_with("/data/catalogue/") && path.ends_with(".log")) return path;
    return {};
  }
};

TEST_F(ManyLogsToolsTest, ABackupAndItsRestoreHaveAllLogsAndCursors) {
  Fill();
  const auto served = Served(files_, kFolder);
  ASSERT_THAT(served, ElementsAre(HasSubstr("a: 1/a 2/a other@2#"), HasSubstr("b: 1/b reader@1#"),
                                  "default: 1/first"));
  const auto copies = Backup(files_, kFolder, "/backup");
  ASSERT_TRUE(copies.ok()) << copies.status().message();
  EXPECT_EQ(copies->size(), 4U);  // the catalogue, too
  ASSERT_TRUE(Restore(files_, "/backup", "/restored").ok());
  EXPECT_EQ(Served(files_, "/backup"), served);
  EXPECT_EQ(Served(files_, "/restored"), served);
}

TEST_F(ManyLogsToolsTest, ABackupOfAServedFolderHasWhatStandsInTheJournalOnly) {
  Fill();
  Run(kFolder, [&](DiskLogStore& store) {
    UseJournal(store);
    AskTogether({Append(test::FindLog(store), "3/first"),
                 Append(test::FindLog(store, "a"), "the last/a"),
                 Append(test::FindLog(store, "b"), "the last/b"),
                 Put(test::FindLog(store, "a"), "the last", 3)});
    ASSERT_TRUE(Backup(files_, kFolder, "/backup").ok());
  });
  const auto served = Served(files_, "/backup");
  ASSERT_EQ(served.size(), 3U);
  EXPECT_THAT(served[0], HasSubstr("the last/a other@2#"));
  EXPECT_THAT(served[0], HasSubstr(" the last@3#"));
  EXPECT_THAT(served[1], HasSubstr("the last/b"));
  for (const std::string& path : files_.Files())
    EXPECT_FALSE(path.starts_with("/backup/") && path.ends_with(".journal")) << path;
}

TEST_F(ManyLogsToolsTest, VerifyTellsOfTheOneLogThatIsDamaged) {
  Fill();
  EXPECT_TRUE(FaultsIn(files_).empty());
  const std::string path = Segments().at(1);
  files_.FlipBit(path, (kSegmentHeaderBytes + 20) * 8);
  const std::vector<Fault> faults = FaultsIn(files_);
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].path, path);
  EXPECT_EQ(faults[0].kind, Fault::Kind::kDamage);
}

TEST_F(ManyLogsToolsTest, ADumpHasTheRecordsOfThatLog) {
  class Dumped : public DumpTarget {
   public:
    Status OnRecord(const log::RecordView& record) override {
      values.emplace_back(record.value);
      return {};
    }
    Status OnMissing(const MissingRecords& missed) override { return missed.why; }
    std::vector<std::string> values;
  };
  Fill();
  Dumped values;
  const Status status = DumpRecords(files_, kFolder, "a", {Offset(0), UINT64_MAX}, values);
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_THAT(values.values, ElementsAre("1/a", "2/a"));
  EXPECT_FALSE(DumpRecords(files_, kFolder, "gone", {Offset(0), UINT64_MAX}, values).ok());
}

TEST_F(ManyLogsToolsTest, ARepairOfADamagedCatalogueKeepsLogsCursorsAndRevisions) {
  Fill();
  const auto served = Served(files_, kFolder);
  const std::string path = CatalogueSegment();
  files_.FlipBit(path, 40 * 8);  // of its header
  ASSERT_EQ(WithStore(files_, kFolder, {}, [](DiskLogStore&) {}).code(), StatusCode::kDamaged);
  const Status status = Repair(files_);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_TRUE(FaultsIn(files_).empty());
  EXPECT_EQ(Served(files_, kFolder), served);
  Run(kFolder, [&](DiskLogStore& store) {
    const LogPtr a = test::FindLog(store, "a");
    std::uint64_t revision_max = 0;
    a->Cursors([&](const Result<std::vector<log::Cursor>>& cursors) {
      for (const log::Cursor& cursor : *cursors)
        revision_max = std::max(revision_max, cursor.revision);
    });
    std::promise<std::uint64_t> revision;
    a->PutCursor("new", Offset(1), {}, [&](const Result<log::CursorPut>& put) {
      revision.set_value(put.ok() ? put->cursor.revision : 0);
    });
    EXPECT_GT(revision.get_future().get(), revision_max);
  });
}

TEST_F(ManyLogsToolsTest, AfterAnyFlippedBitOfTheCatalogueARepairKeepsAllLogs) {
  Fill();
  const std::string path = CatalogueSegment();
  const std::uint64_t bits = files_.Contents(path).size() * 8;
  for (std::uint64_t bit = 0; bit < bits; bit += bit < 64 * 8 ? 5 : 67) {
    const auto damaged = files_.Clone();
    damaged->FlipBit(path, bit);
    const Status status = Repair(*damaged);
    ASSERT_TRUE(status.ok()) << "bit " << bit << ": " << status.message();
    const auto served = Served(*damaged, kFolder);
    // A name may be what the bit was of; records never are.
    ASSERT_GE(served.size(), 3U) << "bit " << bit;
    std::string all;
    for (const std::string& log : served) all += log + "\n";
    for (const char* const value : {": 1/a 2/a", ": 1/b", ": 1/first"})
      ASSERT_THAT(all, HasSubstr(value)) << "bit " << bit;
  }
}

TEST_F(ManyLogsToolsTest, ARepairOfADamagedJournalLosesOnlyTheGroupThatIs) {
  Fill();
  std::unique_ptr<test::SimulatedFileSystem> lost;
  Run(kFolder, [&](DiskLogStore& store) {
    const LogPtr first = test::FindLog(store);
    const LogPtr a = test::FindLog(store, "a");
    const LogPtr b = test::FindLog(store, "b");
    UseJournal(store);
    AskTogether({Append(first, "3/"), Append(a, "one/a"), Append(b, "one/b")});
    AskTogether({Append(first, "4/"), Append(a, "damaged/a"), Append(b, "damaged/b")});
    AskTogether({Append(first, "5/"), Append(a, "three/a"), Put(a, "last", 2)});
    lost = files_.AfterPowerLoss(test::LossModel::kNothingKept, 0);
  });
  const std::string journal = ListJournals(*lost, kFolder)->front();
  const std::size_t at = lost->Contents(journal).find("damaged/a");
  ASSERT_NE(at, std::string::npos);
  lost->FlipBit(journal, at * 8);
  const Status refusal = WithStore(*lost, kFolder, {}, [](DiskLogStore&) {});
  EXPECT_EQ(refusal.code(), StatusCode::kDamaged);
  EXPECT_THAT(refusal.message(), HasSubstr(journal));
  const Status status = Repair(*lost);
  ASSERT_TRUE(status.ok()) << status.message();
  const auto served = Served(*lost, kFolder);
  ASSERT_EQ(served.size(), 3U);
  EXPECT_THAT(served[0], HasSubstr("one/a (lost) three/a"));
  EXPECT_THAT(served[0], HasSubstr("last@2#"));
  EXPECT_THAT(served[1], HasSubstr("one/b"));
  EXPECT_THAT(served[1], Not(HasSubstr("damaged")));
}

}  // namespace
}  // namespace daybook::disk
