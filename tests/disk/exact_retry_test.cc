// Conditional appends, and retries with an idempotency key, over whatever happens to the log.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/logging.h"
#include "disk/backup.h"
#include "disk/disk_store.h"
#include "support/find_log.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {
namespace {

using log::Appended;
using log::AppendOptions;
using std::chrono::milliseconds;
using test::LossModel;
using test::SimulatedFileSystem;

constexpr std::int64_t kWindowMs = 60'000;

class ExactRetryTest : public testing::Test {
 protected:
  ExactRetryTest() {
    logging::SetLevel(logging::Level::kError);
    options_.segment_bytes_max = 64 << 10;
    options_.idempotency = {milliseconds(kWindowMs), 100};
    Open();
  }
  ~ExactRetryTest() override {
    store_.reset();
    logging::SetLevel(logging::Level::kInfo);
  }

  void Open(const std::string& folder = "/data") {
    store_.reset();
    auto opened = DiskLogStore::Open(*files_, clock_, folder, options_, [](const Status&) {});
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    store_ = std::move(*opened);
    store_->AwaitRecovery();
  }
  // What a process finds after this one was killed, or the machine lost power.
  void Kill() { Continue(files_->Clone()); }
  void LosePower() { Continue(files_->AfterPowerLoss(LossModel::kNothingKept, 0)); }
  void Continue(std::unique_ptr<SimulatedFileSystem> files) {
    store_.reset();
    files_ = std::move(files);
    Open();
  }

  log::Log& Log() { return *test::FindLog(*store_); }
  Result<Appended> Append(const std::string& value, AppendOptions options) {
    std::promise<Result<Appended>> answer;
    log::Batch batch(1);
    batch.front().value = value;
    Log().Append(std::move(batch), std::move(options),
                 [&](Result<Appended> appended) { answer.set_value(std::move(appended)); });
    return answer.get_future().get();
  }
  Result<Appended> AppendKeyed(const std::string& key, const std::string& value = "v") {
    return Append(value, {std::nullopt, key});
  }
  void Fill(int kilobytes) {
    for (int i = 0; i < kilobytes; ++i) ASSERT_TRUE(Append(std::string(1 << 10, 'x'), {}).ok());
  }
  void TrimAll() {
    std::promise<Offset> end;
    Log().Info([&](const Result<log::LogInfo>& info) { end.set_value(info->next_offset); });
    std::promise<bool> trimmed;
    Log().Trim(end.get_future().get(),
               [&](const Result<log::LogInfo>& info) { trimmed.set_value(info.ok()); });
    EXPECT_TRUE(trimmed.get_future().get());
    store_->AwaitHousekeeping();
  }
  std::vector<std::string> FilesNamed(const std::string& suffix) {
    std::vector<std::string> found;
    for (const std::string& path : files_->Files())
      if (path.ends_with(suffix) && path.find("catalogue") == std::string::npos)
        found.push_back(path);
    return found;
  }
  void ExpectReplay(const std::string& key, std::uint64_t offset) {
    const Result<Appended> again = AppendKeyed(key);
    ASSERT_TRUE(again.ok()) << again.status().message();
    EXPECT_TRUE(again->replayed) << key;
    EXPECT_EQ(again->first_offset, Offset(offset));
  }

  std::unique_ptr<SimulatedFileSystem> files_ = std::make_unique<SimulatedFileSystem>();
  ManualClock clock_{Timestamp(1'000'000)};
  DiskLogOptions options_;
  std::unique_ptr<DiskLogStore> store_;
};

// All that is submitted from within an answer is one group.
TEST_F(ExactRetryTest, InOneGroupTheFirstOfAKeyIsAppendedAndAnsweredToAll) {
  std::vector<std::promise<Result<Appended>>> answers(3);
  const auto append = [&](const std::string& value, AppendOptions options, log::AppendDone done) {
    log::Batch batch(1);
    batch.front().value = value;
    Log().Append(std::move(batch), std::move(options), std::move(done));
  };
  append("first", {}, [&](const Result<Appended>&) {
    append("v", {Offset(1), "key"}, [&](auto answer) { answers[0].set_value(answer); });
    append("v", {Offset(1), "key"}, [&](auto answer) { answers[1].set_value(answer); });
    append("w", {Offset(1), ""}, [&](auto answer) { answers[2].set_value(answer); });
  });
  EXPECT_FALSE(answers[0].get_future().get()->replayed);
  const auto again = answers[1].get_future().get();
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->first_offset, Offset(1));
  EXPECT_EQ(answers[2].get_future().get().status().offset(), Offset(2));
}

TEST_F(ExactRetryTest, KeysOutliveAKillAndAPowerLoss) {
  ASSERT_TRUE(AppendKeyed("first").ok());
  Open();  // now the file has the first, and not the second
  ASSERT_TRUE(AppendKeyed("second").ok());
  Kill();
  ExpectReplay("first", 0);
  ExpectReplay("second", 1);
  LosePower();
  ExpectReplay("first", 0);
  ExpectReplay("second", 1);
}

TEST_F(ExactRetryTest, KeysOutliveTheSegmentsThatTheyWereIn) {
  ASSERT_TRUE(AppendKeyed("first").ok());
  Fill(100);
  ASSERT_TRUE(AppendKeyed("second").ok());
  TrimAll();
  ASSERT_EQ(FilesNamed(".log").size(), 1U);
  ExpectReplay("first", 0);
  LosePower();
  ExpectReplay("first", 0);
  ExpectReplay("second", 101);
  Open();
  ExpectReplay("first", 0);
}

TEST_F(ExactRetryTest, KeysAreSavedBeforeASegmentEnds) {
  ASSERT_TRUE(AppendKeyed("key").ok());
  Fill(200);
  int saved = 0;
  int begun = -1;  // the first segment follows none
  for (std::uint64_t i = 0; i < files_->operations(); ++i) {
    const std::string operation = files_->OperationName(i);
    if (operation.find("catalogue") != std::string::npos || !operation.starts_with("Rename"))
      continue;
    saved += operation.ends_with("/keys") ? 1 : 0;
    begun += operation.ends_with(".log") ? 1 : 0;
    EXPECT_GE(saved, begun) << operation;
  }
  EXPECT_GE(begun, 2);
}

TEST_F(ExactRetryTest, WithoutTheFileTheFramesTell) {
  ASSERT_TRUE(AppendKeyed("first").ok());
  Fill(100);
  ASSERT_TRUE(AppendKeyed("second").ok());
  Open();
  const std::vector<std::string> keys = FilesNamed("/keys");
  ASSERT_EQ(keys.size(), 1U);
  const std::string contents = files_->Contents(keys.front());
  for (std::uint64_t bit = 0; bit < contents.size() * 8; bit += 41) {
    files_->SetContents(keys.front(), contents);
    files_->FlipBit(keys.front(), bit);
    Kill();
    ExpectReplay("first", 0);
    ExpectReplay("second", 101);
  }
  for (std::size_t bytes = 0; bytes < contents.size(); bytes += 7) {
    files_->SetContents(keys.front(), contents.substr(0, bytes));
    Kill();
    ExpectReplay("first", 0);
    ExpectReplay("second", 101);
  }
}

TEST_F(ExactRetryTest, KeysAreForgottenByAgeAlsoAcrossARestart) {
  ASSERT_TRUE(AppendKeyed("key").ok());
  clock_.Set(Timestamp(1'000'000 + kWindowMs - 1));
  Open();
  ExpectReplay("key", 0);
  clock_.Set(Timestamp(1'000'000 + kWindowMs));
  Kill();
  const auto later = AppendKeyed("key", "w");
  ASSERT_TRUE(later.ok()) << later.status().message();
  EXPECT_FALSE(later->replayed);
  Kill();  // both are in the frames
  EXPECT_TRUE(AppendKeyed("key", "w")->replayed);
}

TEST_F(ExactRetryTest, KeysAreForgottenForNewerOnesAlsoAcrossARestart) {
  for (int i = 0; i <= 100; ++i) ASSERT_TRUE(AppendKeyed("key" + std::to_string(i)).ok());
  Kill();
  ExpectReplay("key1", 1);
  ExpectReplay("key100", 100);
  EXPECT_FALSE(AppendKeyed("key0")->replayed);
}

TEST_F(ExactRetryTest, ARetryIsAnsweredOnAFullDisk) {
  ASSERT_TRUE(AppendKeyed("key").ok());
  files_->SetCapacity(0);
  ASSERT_EQ(Append(std::string(1 << 20, 'x'), {}).status().code(), StatusCode::kNoSpace);
  ExpectReplay("key", 0);
}

TEST_F(ExactRetryTest, ARetryOfWhatFailedToBecomeDurableIsUnknown) {
  ASSERT_TRUE(AppendKeyed("before").ok());
  std::vector<std::promise<Result<Appended>>> answers(2);
  const auto append = [&](log::AppendDone done) {
    log::Batch batch(1);
    batch.front().value = "v";
    Log().Append(std::move(batch), {std::nullopt, "key"}, std::move(done));
  };
  log::Batch batch(1);
  Log().Append(std::move(batch), [&](const Result<Appended>&) {
    files_->FailOperation(files_->operations() + 1, test::Failure::kIoError);  // the sync
    append([&](auto answer) { answers[0].set_value(answer); });
    append([&](auto answer) { answers[1].set_value(answer); });
  });
  EXPECT_EQ(answers[0].get_future().get().status().code(), StatusCode::kUnknownOutcome);
  EXPECT_EQ(answers[1].get_future().get().status().code(), StatusCode::kUnknownOutcome);
}

TEST_F(ExactRetryTest, KeysAreInABackup) {
  ASSERT_TRUE(AppendKeyed("trimmed").ok());
  Fill(100);
  TrimAll();
  ASSERT_TRUE(AppendKeyed("there").ok());
  ASSERT_TRUE(Backup(*files_, "/data", "/backup").ok());
  store_.reset();
  ASSERT_TRUE(Restore(*files_, "/backup", "/restored").ok());
  Open("/restored");
  ExpectReplay("trimmed", 0);
  ExpectReplay("there", 101);
}

TEST_F(ExactRetryTest, AFileThatTellsOfWhatIsNotThereIsNotBelieved) {
  ASSERT_TRUE(AppendKeyed("key").ok());
  const auto before = files_->Clone();
  ASSERT_TRUE(AppendKeyed("later").ok());
  Fill(100);
  const std::string keys = FilesNamed("/keys").at(0);
  before->SetContents(keys, files_->Contents(keys));
  Continue(before->Clone());
  ExpectReplay("key", 0);
  ASSERT_TRUE(AppendKeyed("in its place").ok());
  for (const bool killed : {true, false}) {
    killed ? Kill() : Open();
    ExpectReplay("in its place", 1);
  }
  EXPECT_FALSE(AppendKeyed("later")->replayed);
}

TEST_F(ExactRetryTest, AFileThatIsNotValidIsReplacedAtTheStart) {
  Open();
  ASSERT_TRUE(AppendKeyed("key").ok());
  Fill(100);
  const std::string keys = FilesNamed("/keys").at(0);
  files_->FlipBit(keys, 0);
  const std::string damaged = files_->Contents(keys);
  Kill();
  EXPECT_NE(files_->Contents(keys), damaged);
  ExpectReplay("key", 0);
}

}  // namespace
}  // namespace daybook::disk
