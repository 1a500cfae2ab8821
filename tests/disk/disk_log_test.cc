// The log in its folder, on a real file system.

#include "disk/disk_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/logging.h"
#include "disk/disk_store.h"
#include "support/find_log.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

using log::Appended;
using log::Page;
using testing::HasSubstr;

class DiskLogTest : public testing::Test {
 protected:
  DiskLogTest() : folder_(testing::TempDir() + "disk_log_" + std::to_string(::getpid())) {
    std::filesystem::remove_all(folder_);
    logging::SetLevel(logging::Level::kError);
  }
  ~DiskLogTest() override {
    store_.reset();
    logging::SetLevel(logging::Level::kInfo);
    std::filesystem::remove_all(folder_);
  }

  // Waits until the log serves, or has failed.
  void Open(const DiskLogOptions& options = {}) {
    auto opened = DiskLogStore::Open(FileSystem::Posix(), Clock::System(), folder_, options,
                                     [this](const Status& status) { failure_ = status; });
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    store_ = std::move(*opened);
    store_->AwaitRecovery();
  }
  void Close() { store_.reset(); }
  log::Log& Log() { return *test::FindLog(*store_); }

  Result<Appended> Append(log::Batch batch) {
    std::promise<Result<Appended>> answer;
    Log().Append(std::move(batch), [&](Result<Appended> appended) { answer.set_value(appended); });
    return answer.get_future().get();
  }
  Result<Appended> Append(const std::string& value) {
    log::Batch batch(1);
    batch.front().value = value;
    return Append(std::move(batch));
  }
  Result<Page> Read(std::uint64_t from, std::uint64_t records_max = 1'000'000) {
    Result<Page> page = Page();
    Log().Read(Offset(from), {records_max, 1 << 30},
               [&](Result<Page> read) { page = std::move(read); });
    return page;
  }
  std::vector<std::string> Values(std::uint64_t from = 0) {
    std::vector<std::string> values;
    const Result<Page> page = Read(from);
    EXPECT_TRUE(page.ok()) << page.status().message();
    if (!page.ok()) return values;
    Offset expected(from);
    for (const log::RecordView& record : page->records) {
      EXPECT_EQ(record.offset, expected);
      expected = expected + 1;
      values.emplace_back(record.value);
    }
    return values;
  }
  // Of the log default, sorted.
  std::vector<std::filesystem::path> Files(const std::string& suffix) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      const bool of_default = entry.path().string().find("catalogue") == std::string::npos;
      if (of_default && entry.path().string().ends_with(suffix)) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  const std::string folder_;
  Status failure_;
  std::unique_ptr<DiskLogStore> store_;
};

TEST_F(DiskLogTest, WhatWasAppendedIsReadBack) {
  Open();
  log::Batch batch(2);
  batch[0].key = "key";
  batch[0].headers = {{"name", "value"}};
  batch[0].value = std::string("\0binary\xFF", 8);
  const auto first = Append(batch);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->first_offset, Offset(0));
  EXPECT_EQ(first->next_offset, Offset(2));
  EXPECT_EQ(Append("third")->first_offset, Offset(2));
  const auto page = Read(0);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->records.size(), 3U);
  EXPECT_EQ(page->end, Offset(3));
  EXPECT_EQ(page->records[0].key, "key");
  EXPECT_EQ((*page->records[0].headers.begin()).second, "value");
  EXPECT_EQ(page->records[0].value, batch[0].value);
  EXPECT_EQ(page->records[0].timestamp, first->timestamp);
  EXPECT_FALSE(page->records[1].key.has_value());
  EXPECT_EQ(page->records[2].value, "third");
  EXPECT_EQ(Read(1, 1)->records.at(0).offset, Offset(1));
  EXPECT_TRUE(Read(3)->records.empty());
  EXPECT_EQ(Read(4).status().code(), StatusCode::kBeyondEnd);
}

TEST_F(DiskLogTest, ItIsThereAfterARestart) {
  Open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Append(std::to_string(i)).ok());
  const std::vector<std::string> before = Values();
  Close();
  Open();
  EXPECT_EQ(Values(), before);
  EXPECT_EQ(Append("next")->first_offset, Offset(10));
  EXPECT_EQ(Values(9), (std::vector<std::string>{"9", "next"}));
}

TEST_F(DiskLogTest, SegmentsRollAndAreReadAcross) {
  DiskLogOptions options;
  options.segment_bytes_max = 64 << 10;
  Open(options);
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    expected.push_back(std::to_string(i) + std::string(1000, 'x'));
    ASSERT_EQ(Append(expected.back())->first_offset, Offset(static_cast<std::uint64_t>(i)));
  }
  EXPECT_GE(Files(".log").size(), 5U);
  EXPECT_EQ(Values(), expected);
  for (const std::uint64_t from : {0, 1, 59, 60, 61, 299})
    EXPECT_EQ(Read(from, 1)->records.at(0).value, expected[from]);
  Close();
  Open(options);
  EXPECT_EQ(Values(), expected);
  for (const auto& index : Files(".index")) std::filesystem::remove(index);
  Close();
  Open(options);
  EXPECT_EQ(Values(), expected);
}

TEST_F(DiskLogTest, PagesOfAnyLimitsGiveTheSameRecords) {
  DiskLogOptions options;
  options.segment_bytes_max = 1 << 20;
  Open(options);
  std::vector<std::string> expected;
  const auto append = [&](std::size_t records, std::size_t value_bytes) {
    log::Batch batch(records);
    for (log::NewRecord& record : batch) {
      record.value = std::to_string(expected.size()) + std::string(value_bytes, 'v');
      expected.push_back(record.value);
    }
    ASSERT_TRUE(Append(std::move(batch)).ok());
  };
  for (int turn = 0; turn < 6; ++turn) {
    for (int i = 0; i < 40; ++i) append(1, 20);
    append(1500, 100);
    append(2, 150'000);
    append(7, 3'000);
  }
  for (const std::uint64_t records_max : {1, 7, 1000, 1'000'000}) {
    for (const std::uint64_t bytes_max : {1, 5'000, 200'000, 1 << 30}) {
      std::vector<Page> pages;  // kept: what one has must not go with the next
      std::uint64_t next = 0;
      while (next < expected.size()) {
        Log().Read(Offset(next), {records_max, bytes_max}, [&](Result<Page> page) {
          ASSERT_TRUE(page.ok()) << page.status().message();
          next += page->records.size();
          ASSERT_FALSE(page->records.empty());
          pages.push_back(std::move(*page));
        });
        if (pages.back().records.size() == 1) next += 96;  // of those, some
      }
      for (const Page& page : pages) {
        for (const log::RecordView& record : page.records)
          ASSERT_EQ(record.value, expected[record.offset.value]);
      }
    }
  }
}

TEST_F(DiskLogTest, APageThatIsNearlyFullEndsBeforeALargeBatchThatDoesNotFit) {
  Open();
  log::Batch batch(100);
  for (log::NewRecord& record : batch) record.value = std::string(1000, 'v');
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Append(batch).ok());
  const auto records = [this](std::uint64_t from, std::uint64_t bytes_max) {
    std::size_t count = 0;
    Log().Read(Offset(from), {1000, bytes_max}, [&](Result<Page> page) {
      ASSERT_TRUE(page.ok()) << page.status().message();
      count = page->records.size();
    });
    return count;
  };
  EXPECT_EQ(records(0, 110'000), 100U);
  EXPECT_EQ(records(0, 120'000), 120U);  // a sixth is left
  EXPECT_EQ(records(0, 200'000), 200U);
  EXPECT_EQ(records(50, 50'000), 50U);
  EXPECT_EQ(records(50, 56'000), 50U);
  EXPECT_EQ(records(50, 100'000), 100U);
  EXPECT_EQ(records(0, 10'000), 10U);
}

TEST_F(DiskLogTest, ARecordLargerThanASegmentHasOneOfItsOwn) {
  DiskLogOptions options;
  options.segment_bytes_max = 64 << 10;
  Open(options);
  const std::string large(300'000, 'l');
  ASSERT_TRUE(Append("small").ok());
  ASSERT_TRUE(Append(large).ok());
  ASSERT_TRUE(Append("small again").ok());
  Close();
  Open(options);
  EXPECT_EQ(Values(), (std::vector<std::string>{"small", large, "small again"}));
}

TEST_F(DiskLogTest, ManyThreadsAppendWithoutAGapOrADouble) {
  Open();
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string value = std::to_string(t) + "/" + std::to_string(i);
        const auto appended = Append(value);
        ASSERT_TRUE(appended.ok());
        EXPECT_EQ(Read(appended->first_offset.value, 1)->records.at(0).value, value);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Values().size(), kThreads * kEach);
}

TEST_F(DiskLogTest, ASecondStoreOnTheFolderIsRefused) {
  Open();
  const auto second =
      DiskLogStore::Open(FileSystem::Posix(), Clock::System(), folder_, {}, [](const Status&) {});
  EXPECT_EQ(second.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(second.status().message(), HasSubstr(folder_));
}

TEST_F(DiskLogTest, WithoutACatalogueALogWithRecordsIsARefusal) {
  Open();
  ASSERT_TRUE(Append("record").ok());
  Close();
  std::filesystem::remove_all(folder_ + "/catalogue");
  Open();
  EXPECT_EQ(failure_.code(), StatusCode::kDamaged);
  EXPECT_THAT(failure_.message(), HasSubstr("catalogue"));
}

TEST_F(DiskLogTest, AJournalThatIsNotUnderstoodIsARefusal) {
  Open();
  Close();
  const std::string journal = folder_ + "/" + JournalName(Offset(7));
  std::ofstream(journal).put('j');
  Open();
  EXPECT_EQ(failure_.code(), StatusCode::kDamaged);
  EXPECT_THAT(failure_.message(), HasSubstr(journal));
}

TEST_F(DiskLogTest, AFlippedBitInTheCatalogueIsARefusalThatNamesIt) {
  Open();
  Close();
  const std::string path = folder_ + "/catalogue/00000000000000000000.log";
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(kSegmentHeaderBytes + kFrameHeaderBytes + 5).put('\x7F');
  file.close();
  Open();
  EXPECT_EQ(failure_.code(), StatusCode::kDamaged);
  EXPECT_THAT(failure_.message(), HasSubstr(path));
}

TEST(DiskLogStoreTest, WhileItStartsNoLogIsSaidNotToExist) {
  test::SimulatedFileSystem files;
  for (int start = 0; start < 200; ++start) {
    const auto store =
        DiskLogStore::Open(files, Clock::System(), "/data", {}, [](const Status&) {});
    StatusCode code = StatusCode::kUnavailable;
    while (code == StatusCode::kUnavailable) {
      (*store)->Find(log::kDefaultLog, [&](const auto& found) { code = found.status().code(); });
    }
    ASSERT_EQ(code, StatusCode::kOk) << "start " << start;
  }
}

class SickDiskTest : public testing::Test {
 protected:
  SickDiskTest() {
    DiskLogOptions options;
    options.hangs_after = std::chrono::milliseconds(100);
    auto store =
        DiskLogStore::Open(files_, Clock::System(), "/data", options,
                           [](const Status& status) { ADD_FAILURE() << status.message(); });
    store_ = std::move(store).value();
    store_->AwaitRecovery();
  }

  std::future<StatusCode> Append(const std::string& value) {
    log::Batch batch(1);
    batch.front().value = value;
    auto answer = std::make_shared<std::promise<StatusCode>>();
    test::FindLog(*store_)->Append(std::move(batch), [answer](const Result<Appended>& appended) {
      answer->set_value(appended.status().code());
    });
    return answer->get_future();
  }
  log::Check::State State() const { return store_->Checks().at(0).state; }

  test::SimulatedFileSystem files_;
  std::unique_ptr<DiskLogStore> store_;
};

TEST_F(SickDiskTest, ThatItIsFullIsToldUntilThereIsRoomAgain) {
  ASSERT_EQ(Append("first").get(), StatusCode::kOk);
  files_.SetCapacity(1);  // less than there is
  ASSERT_EQ(Append(std::string(100'000, 'v')).get(), StatusCode::kNoSpace);
  EXPECT_EQ(State(), log::Check::State::kDegraded);
  files_.SetCapacity(UINT64_MAX);
  EXPECT_EQ(State(), log::Check::State::kOk);
  EXPECT_EQ(Append(std::string(100'000, 'v')).get(), StatusCode::kOk);
}

TEST_F(SickDiskTest, ThatItHangsIsToldAndReadsGoOn) {
  ASSERT_EQ(Append("first").get(), StatusCode::kOk);
  files_.HoldSyncs(true);
  std::future<StatusCode> second = Append("second");
  while (State() == log::Check::State::kOk) std::this_thread::yield();
  EXPECT_EQ(State(), log::Check::State::kDegraded);
  EXPECT_THAT(store_->Checks().at(0).detail, HasSubstr("has not come to the end of a write"));
  EXPECT_GT(store_->commit_stats()->running.count(), 0);
  test::FindLog(*store_)->Read(Offset(0), {10, 100}, [](const Result<Page>& page) {
    EXPECT_EQ(page->records.size(), 1U);  // not what a crash could take back
  });
  files_.HoldSyncs(false);
  EXPECT_EQ(second.get(), StatusCode::kOk);
}

}  // namespace
}  // namespace daybook::disk
