// What a log keeps: trims, retention by age and size, and what the catalogue says of it.

#include "disk/retention.h"

#include <gtest/gtest.h>

#include <atomic>
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

using log::LogInfo;
using log::RetentionChange;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::uint64_t kSegmentBytes = 64 << 10;
constexpr std::size_t kValueBytes = 1000;

RetentionChange AgeMax(milliseconds age) { return {age, {}}; }
RetentionChange BytesMax(std::uint64_t bytes) { return {{}, bytes}; }

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() {
    logging::SetLevel(logging::Level::kError);
    Open();
  }
  ~RetentionTest() override {
    store_.reset();
    logging::SetLevel(logging::Level::kInfo);
  }

  void Open(std::uint64_t reserve_bytes = 0) {
    store_.reset();
    DiskLogOptions options;
    options.reserve_bytes = reserve_bytes;
    options.segment_bytes_max = kSegmentBytes;
    auto opened = DiskLogStore::Open(files_, clock_, "/data", options,
                                     [this](const Status& status) { failure_ = status; });
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    store_ = std::move(*opened);
    store_->AwaitRecovery();
    ASSERT_TRUE(failure_.ok()) << failure_.message();
  }
  log::Log& Log() { return *test::FindLog(*store_); }

  Status AppendOne() {
    std::promise<Result<log::Appended>> answer;
    log::Batch batch(1);
    batch.front().value = std::to_string(appended_) + "/" + std::string(kValueBytes, 'v');
    Log().Append(std::move(batch),
                 [&](const Result<log::Appended>& done) { answer.set_value(done); });
    const Status status = answer.get_future().get().status();
    if (status.ok()) ++appended_;
    return status;
  }
  void Append(int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(AppendOne().ok());
  }
  static Result<LogInfo> Answer(const std::function<void(log::InfoDone)>& ask) {
    std::promise<Result<LogInfo>> answer;
    ask([&](Result<LogInfo> info) { answer.set_value(std::move(info)); });
    return answer.get_future().get();
  }
  Result<LogInfo> Trim(std::uint64_t before) {
    return Answer([&](log::InfoDone done) { Log().Trim(Offset(before), std::move(done)); });
  }
  Result<LogInfo> Configure(const RetentionChange& change) {
    return Answer([&](log::InfoDone done) { Log().Configure(change, std::move(done)); });
  }
  LogInfo Info() {
    return *Answer([&](log::InfoDone done) { Log().Info(std::move(done)); });
  }
  LogInfo InfoAfterHousekeeping() {
    store_->AwaitHousekeeping();
    return Info();
  }
  Result<log::Page> Read(Offset from) {
    Result<log::Page> page = log::Page();
    Log().Read(from, {1'000'000, 1 << 30}, [&](Result<log::Page> read) { page = std::move(read); });
    return page;
  }
  // That the log reads from its first offset to its end, each record under the offset that it got.
  void ExpectWhole() {
    const LogInfo info = Info();
    const Result<log::Page> page = Read(info.first_offset);
    ASSERT_TRUE(page.ok()) << page.status().message();
    ASSERT_EQ(page->records.size(), info.next_offset - info.first_offset);
    EXPECT_EQ(info.next_offset, Offset(static_cast<std::uint64_t>(appended_)));
    for (const log::RecordView& record : page->records) {
      EXPECT_EQ(record.value.substr(0, record.value.find('/')),
                std::to_string(record.offset.value));
    }
    if (info.first_offset == Offset(0)) return;
    const Status before = Read(Offset(info.first_offset.value - 1)).status();
    EXPECT_EQ(before.code(), StatusCode::kTrimmed);
    EXPECT_EQ(before.offset(), info.first_offset);
  }
  std::size_t Segments(const std::string& of) {
    std::size_t count = 0;
    for (const std::string& file : files_.Files())
      count += file.ends_with(".log") &&
                       (file.find("catalogue") != std::string::npos) == (of == "catalogue")
                   ? 1
                   : 0;
    return count;
  }
  // As a backup does, until it is closed.
  std::unique_ptr<File> HoldFiles() {
    auto backup = files_.Open("/data/BACKUP", FileSystem::Mode::kOpenOrCreate);
    EXPECT_TRUE(backup.ok() && (*backup)->TryLock().ok());
    return std::move(*backup);
  }
  void Pass(milliseconds time) { clock_.Set(Timestamp(clock_.Now().milliseconds + time.count())); }

  test::SimulatedFileSystem files_;
  ManualClock clock_{Timestamp(1'700'000'000'000)};
  Status failure_;
  int appended_ = 0;
  std::unique_ptr<DiskLogStore> store_;
};

TEST_F(RetentionTest, ATrimTakesRecordsAtOnceAndForGood) {
  Append(10);
  const auto trimmed = Trim(7);
  ASSERT_TRUE(trimmed.ok());
  EXPECT_EQ(trimmed->first_offset, Offset(7));
  EXPECT_EQ(trimmed->next_offset, Offset(10));
  ExpectWhole();
  EXPECT_EQ(Trim(3)->first_offset, Offset(7));
  Open();
  EXPECT_EQ(Info().first_offset, Offset(7));
  ExpectWhole();
}

TEST_F(RetentionTest, ATrimBehindTheEndIsRefusedAndNamesIt) {
  Append(3);
  const Status status = Trim(4).status();
  EXPECT_EQ(status.code(), StatusCode::kBeyondEnd);
  EXPECT_EQ(status.offset(), Offset(3));
  EXPECT_EQ(Info().first_offset, Offset(0));
}

TEST_F(RetentionTest, ATrimGivesBackTheSpaceOfWholeSegments) {
  Append(200);
  const std::size_t before = Segments("default");
  ASSERT_GE(before, 3U);
  ASSERT_TRUE(Trim(130).ok());
  store_->AwaitHousekeeping();
  EXPECT_LT(Segments("default"), before);
  for (const std::string& file : files_.Files())
    EXPECT_EQ(file.find("00000000000000000000.index"), std::string::npos) << file;
  ExpectWhole();
}

TEST_F(RetentionTest, OffsetsAreNotUsedAgainWhenEverythingWasTrimmed) {
  Append(70);
  ASSERT_TRUE(Trim(70).ok());
  EXPECT_EQ(InfoAfterHousekeeping().bytes, kSegmentHeaderBytes);
  EXPECT_EQ(Segments("default"), 1U);
  Open();
  EXPECT_EQ(Info().first_offset, Offset(70));
  EXPECT_TRUE(Read(Offset(70))->records.empty());
  Append(1);
  EXPECT_EQ(Read(Offset(70))->records.at(0).offset, Offset(70));
  ExpectWhole();
}

TEST_F(RetentionTest, ALogIsHeldWithinOneSegmentOfItsMostBytes) {
  constexpr std::uint64_t kBytesMax = 1 << 20;
  ASSERT_TRUE(Configure(BytesMax(kBytesMax)).ok());
  for (int i = 0; i < 60; ++i) {
    Append(50);
    ASSERT_LE(InfoAfterHousekeeping().bytes, kBytesMax + kSegmentBytes);
  }
  EXPECT_GT(Info().bytes, kBytesMax - 2 * kSegmentBytes);
  EXPECT_GT(Info().first_offset, Offset(0));
  ExpectWhole();
  Open();
  ExpectWhole();
}

TEST_F(RetentionTest, SegmentsAreSmallerThanAnEighthOfTheMostBytes) {
  EXPECT_EQ(SegmentBytesMax({}, 128 << 20), 128U << 20);
  EXPECT_EQ(SegmentBytesMax({{}, 80 << 20}, 128 << 20), 10U << 20);
  EXPECT_EQ(SegmentBytesMax({{}, 1}, 128 << 20), kSegmentBytesMin);
  EXPECT_EQ(SegmentBytesMax({{}, 80 << 20}, 1 << 20), 1U << 20);
}

TEST_F(RetentionTest, AnIdleLogExpiresByAge) {
  ASSERT_TRUE(Configure(AgeMax(hours(1))).ok());
  Append(100);
  Pass(minutes(59));
  EXPECT_EQ(InfoAfterHousekeeping().first_offset, Offset(0));
  Pass(minutes(2));
  const LogInfo info = InfoAfterHousekeeping();
  EXPECT_EQ(info.first_offset, Offset(100));
  EXPECT_EQ(info.next_offset, Offset(100));
  EXPECT_EQ(Segments("default"), 1U);
  ExpectWhole();
}

TEST_F(RetentionTest, WhatIsYoungerIsKeptWhenOlderRecordsExpire) {
  ASSERT_TRUE(Configure(AgeMax(hours(8))).ok());
  for (int i = 0; i < 20; ++i) {
    Append(1);
    Pass(hours(1));
    store_->AwaitHousekeeping();
  }
  const LogInfo info = Info();
  EXPECT_LE(info.first_offset, Offset(12));
  EXPECT_GE(info.first_offset, Offset(10));
  ExpectWhole();
}

TEST_F(RetentionTest, SettingsAreThereAfterARestartAndAbsentMembersStay) {
  ASSERT_TRUE(Configure({milliseconds(hours(24)), std::uint64_t{1} << 30}).ok());
  Open();
  EXPECT_EQ(Info().retention, (log::Retention{milliseconds(hours(24)), std::uint64_t{1} << 30}));
  const auto changed = Configure(BytesMax(5 << 20));
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->retention, (log::Retention{milliseconds(hours(24)), std::uint64_t{5} << 20}));
  RetentionChange clear;
  clear.max_age = std::optional<milliseconds>();
  EXPECT_EQ(Configure(clear)->retention, (log::Retention{{}, std::uint64_t{5} << 20}));
  Open();
  EXPECT_EQ(Info().retention, (log::Retention{{}, std::uint64_t{5} << 20}));
}

TEST_F(RetentionTest, TheCatalogueDoesNotGrowWithItsChanges) {
  constexpr int kChanges = 20'000;
  for (int i = 1; i <= kChanges; ++i) {
    ASSERT_TRUE(Configure(BytesMax((1 << 20) + static_cast<std::uint64_t>(i))).ok());
  }
  store_->AwaitHousekeeping();
  EXPECT_EQ(Segments("catalogue"), 1U);
  std::uint64_t catalogue_bytes = 0;
  for (const std::string& file : files_.Files()) {
    if (file.find("catalogue") != std::string::npos)
      catalogue_bytes += files_.Contents(file).size();
  }
  EXPECT_LT(catalogue_bytes, 3U << 20);
  const LogInfo before = Info();
  Open();
  EXPECT_EQ(Info().retention.max_bytes, (1U << 20) + kChanges);
  EXPECT_EQ(Info().id, before.id);
  EXPECT_EQ(Info().created, before.created);
}

TEST_F(RetentionTest, ReadersWithinWhatGoesGetTheRecordOrThatItIsGone) {
  ASSERT_TRUE(Configure(BytesMax(512 << 10)).ok());
  std::atomic<bool> over{false};
  std::atomic<int> gone{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      std::uint64_t offset = 0;
      while (!over) {
        Log().Read(Offset(offset), {5, 1 << 20}, [&](const Result<log::Page>& page) {
          if (page.ok()) {
            for (const log::RecordView& record : page->records) {
              if (record.value.substr(0, record.value.find('/')) !=
                  std::to_string(record.offset.value))
                ++wrong;
            }
            offset += page->records.size() / 2;
          } else if (page.status().code() == StatusCode::kTrimmed && page.status().offset()) {
            ++gone;
            offset = page.status().offset()->value;
          } else {
            ++wrong;
          }
        });
      }
    });
  }
  Append(3000);
  over = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(InfoAfterHousekeeping().first_offset, Offset(0));
  ExpectWhole();
}

TEST_F(RetentionTest, WhileABackupHoldsTheFolderFilesStayAndGoLater) {
  Append(200);
  const std::size_t before = Segments("default");
  std::unique_ptr<File> held = HoldFiles();
  ASSERT_TRUE(Trim(190).ok());
  store_->AwaitHousekeeping();
  EXPECT_EQ(Segments("default"), before);
  ExpectWhole();
  held.reset();
  store_->AwaitHousekeeping();
  EXPECT_LT(Segments("default"), before);
}

TEST_F(RetentionTest, ATrimOnAFullDiskMakesRoom) {
  constexpr std::uint64_t kReserveBytes = 256 << 10;
  Open(kReserveBytes);
  Append(300);
  constexpr std::uint64_t kCapacityBytes = 1ULL << 40;
  files_.SetCapacity(kCapacityBytes);
  files_.SetCapacity(kCapacityBytes - *files_.FreeBytes("/data") + kReserveBytes);
  EXPECT_EQ(AppendOne().code(), StatusCode::kNoSpace);
  ASSERT_TRUE(Trim(290).ok());
  store_->AwaitHousekeeping();
  Append(1);
  ExpectWhole();
}

TEST_F(RetentionTest, FilesThatATrimLeftAreRemovedAtTheNextStart) {
  Append(200);
  const std::size_t before = Segments("default");
  {
    const std::unique_ptr<File> held = HoldFiles();
    ASSERT_TRUE(Trim(190).ok());
    Open();
  }
  EXPECT_LT(Segments("default"), before);
  ExpectWhole();
}

}  // namespace
}  // namespace daybook::disk
