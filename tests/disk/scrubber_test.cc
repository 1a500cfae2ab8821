// Damage in what was ended long ago is found, named and counted.

#include "disk/scrubber.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "base/logging.h"
#include "disk/disk_store.h"
#include "support/find_log.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

class ScrubberTest : public testing::Test {
 protected:
  ScrubberTest() {
    logging::SetLevel(logging::Level::kError);
    Open(1ULL << 40);
    for (int i = 0; i < 300; ++i) {
      std::promise<bool> answer;
      log::Batch batch(1);
      batch.front().value = std::string(1000, 'v');
      test::FindLog(*store_)->Append(std::move(batch), [&](const Result<log::Appended>& done) {
        answer.set_value(done.ok());
      });
      EXPECT_TRUE(answer.get_future().get());
    }
  }
  ~ScrubberTest() override {
    store_.reset();
    logging::SetLevel(logging::Level::kInfo);
  }

  void Open(std::uint64_t scrub_bytes_per_second) {
    store_.reset();
    DiskLogOptions options;
    options.segment_bytes_max = 64 << 10;
    options.scrub_bytes_per_second = scrub_bytes_per_second;
    auto opened =
        DiskLogStore::Open(files_, Clock::System(), "/data", options, [](const Status&) {});
    store_ = std::move(*opened);
    store_->AwaitRecovery();
  }
  log::CommitStats Stats() { return *store_->commit_stats(); }
  // Flips a bit of the log's segment that begins with offset 0.
  void Damage(std::size_t position) {
    for (const std::string& path : files_.Files()) {
      if (path.find("catalogue") != std::string::npos ||
          !path.ends_with("/00000000000000000000.log"))
        continue;
      std::string bytes = files_.Contents(path);
      bytes[position] ^= 1;
      files_.SetContents(path, bytes);
    }
  }

  test::SimulatedFileSystem files_;
  std::unique_ptr<DiskLogStore> store_;
};

TEST_F(ScrubberTest, APassReadsAllSegmentsThatWereEnded) {
  store_->Scrub();
  const log::CommitStats stats = Stats();
  EXPECT_EQ(stats.scrub_passes, 1U);
  EXPECT_EQ(stats.scrub_damages, 0U);
  EXPECT_GT(stats.scrubbed_bytes, 3U * (60 << 10));
  EXPECT_LT(stats.scrubbed_bytes, stats.segment_bytes);
}

TEST_F(ScrubberTest, EveryDamagedPlaceIsCountedAndNotTwice) {
  Damage(10'000);
  Damage(30'000);
  store_->Scrub();
  EXPECT_EQ(Stats().scrub_damages, 2U);
  store_->Scrub();
  EXPECT_EQ(Stats().scrub_damages, 2U);
  EXPECT_EQ(Stats().scrub_passes, 2U);
  Damage(10'000);
  store_->Scrub();
  EXPECT_EQ(Stats().scrub_damages, 1U);
}

TEST_F(ScrubberTest, AStopDoesNotWaitForAPass) {
  Open(1);  // more than a day
  std::thread pass([this] { store_->Scrub(); });
  store_->Close();
  pass.join();
  EXPECT_EQ(Stats().scrub_passes, 0U);
}

}  // namespace
}  // namespace daybook::disk
