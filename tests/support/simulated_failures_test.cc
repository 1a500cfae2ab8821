// What fails in a SimulatedFileSystem, and what it leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/file_calls.h"
#include "support/simulated_file_system.h"

namespace daybook::test {
namespace {

using testing::ElementsAre;
using Mode = FileSystem::Mode;

class Failures : public testing::Test {
 protected:
  Failures() { files_.SetContents("/a", std::string(2 * kSectorBytes, 'o')); }

  void FailNext(Failure failure) { files_.FailOperation(files_.operations(), failure); }
  std::string AfterPowerLoss(LossModel model = LossModel::kEverythingKept) const {
    return files_.AfterPowerLoss(model, 0)->Contents("/a");
  }

  const std::string old_ = std::string(2 * kSectorBytes, 'o');
  const std::string new_ = std::string(2 * kSectorBytes, 'n');
  SimulatedFileSystem files_;
};

TEST_F(Failures, OnlyThatOperationFailsAndItDoesNothing) {
  const auto file = OpenFile(files_, "/a");
  FailNext(Failure::kIoError);
  EXPECT_EQ(TryWrite(*file, 0, "lost").ToString(),
            "input/output: cannot write /a at position 0: Input/output error");
  EXPECT_EQ(files_.Contents("/a"), old_);
  FailNext(Failure::kIoError);
  EXPECT_EQ(file->Reserve(0, 10'000).status().code(), StatusCode::kIo);
  FailNext(Failure::kIoError);
  EXPECT_EQ(file->Truncate(0).code(), StatusCode::kIo);
  FailNext(Failure::kIoError);
  EXPECT_EQ(files_.Open("/b", Mode::kCreate).status().code(), StatusCode::kIo);
  FailNext(Failure::kIoError);
  EXPECT_EQ(files_.Rename("/a", "/b").code(), StatusCode::kIo);
  EXPECT_EQ(files_.Contents("/a"), old_);
  EXPECT_THAT(files_.Files(), ElementsAre("/a"));
  Write(*file, 0, new_);
  EXPECT_EQ(files_.Contents("/a"), new_);
}

TEST_F(Failures, AFullDiskAndAFullQuotaDifferInTheirMessageAlone) {
  const auto file = OpenFile(files_, "/a");
  FailNext(Failure::kNoSpace);
  EXPECT_EQ(TryWrite(*file, 0, "x").ToString(),
            "no space: cannot write /a at position 0: No space left on device");
  FailNext(Failure::kQuota);
  EXPECT_EQ(TryWrite(*file, 0, "x").ToString(),
            "no space: cannot write /a at position 0: Disk quota exceeded");
  FailNext(Failure::kQuota);
  EXPECT_EQ(files_.MakeFolder("/b").code(), StatusCode::kNoSpace);
  EXPECT_EQ(files_.Contents("/a"), old_);
}

TEST_F(Failures, AShortWriteIsAPrefix) {
  const auto file = OpenFile(files_, "/a");
  FailNext(Failure::kShortWrite);
  EXPECT_EQ(TryWrite(*file, 0, "12345678").code(), StatusCode::kIo);
  EXPECT_EQ(files_.Contents("/a"), "1234" + old_.substr(4));
  FailNext(Failure::kShortWrite);
  EXPECT_EQ(file->Reserve(0, 10'000).status().code(), StatusCode::kIo);
  EXPECT_EQ(file->Size().value(), 5'000U);
}

TEST_F(Failures, AFailedSyncOfAllLosesWhatWasWrittenToAnyAndTellsOfFailuresSinceItBegan) {
  const auto file = OpenFile(files_, "/a");
  const auto whole = std::move(files_.BeginWholeSync("/a")).value();
  const auto beside = std::move(files_.BeginWholeSync("/a")).value();
  Write(*file, 0, new_);
  FailNext(Failure::kIoError);
  EXPECT_EQ(whole->Sync().ToString(),
            "input/output: cannot sync the file system: Input/output error");
  EXPECT_TRUE(whole->Sync().ok()) << "told once";
  EXPECT_EQ(AfterPowerLoss(LossModel::kNothingKept), old_);
  EXPECT_EQ(file->Sync().code(), StatusCode::kIo);
  EXPECT_EQ(beside->Sync().code(), StatusCode::kIo);
  FailNext(Failure::kIoError);
  EXPECT_EQ(file->Sync().code(), StatusCode::kIo);
  EXPECT_EQ(whole->Sync().code(), StatusCode::kIo);
  EXPECT_TRUE((*files_.BeginWholeSync("/a"))->Sync().ok()) << "it began later";
}

TEST_F(Failures, AFailedSyncIsToldOncePerFileAndTheNextReturnsOk) {
  const auto writer = OpenFile(files_, "/a");
  const auto syncer = OpenFile(files_, "/a", Mode::kRead);
  const auto stranger = OpenFile(files_, "/b");
  Write(*writer, 0, new_);
  FailNext(Failure::kIoError);
  EXPECT_EQ(syncer->Sync().ToString(), "input/output: cannot sync /a: Input/output error");
  const auto later = OpenFile(files_, "/a");
  ExpectOk(syncer->Sync());
  ExpectOk(later->Sync());
  ExpectOk(stranger->Sync());
  EXPECT_EQ(writer->Sync().code(), StatusCode::kIo);
  ExpectOk(writer->Sync());
}

TEST_F(Failures, AFailureOfAnEarlierSyncIsToldByOneThatCarries) {
  const auto first = OpenFile(files_, "/a");
  const auto second = OpenFile(files_, "/a");
  FailNext(Failure::kNoSpace);
  EXPECT_EQ(first->Sync().code(), StatusCode::kNoSpace);
  Write(*second, 0, new_);
  EXPECT_EQ(second->Sync().code(), StatusCode::kNoSpace);
  EXPECT_EQ(AfterPowerLoss(LossModel::kNothingKept), new_);
}

TEST_F(Failures, WhatAFailedSyncLostNeverReachesTheDisk) {
  const auto file = OpenFile(files_, "/a");
  Write(*file, 0, new_);
  FailNext(Failure::kIoError);
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_EQ(files_.Contents("/a"), new_);
  ExpectOk(file->Sync());
  Write(*file, kSectorBytes, "written later");
  ExpectOk(file->Sync());
  const std::string expected =
      old_.substr(0, kSectorBytes) + "written later" + new_.substr(0, kSectorBytes - 13);
  EXPECT_EQ(AfterPowerLoss(), expected);
  EXPECT_EQ(files_.Contents("/a").substr(0, kSectorBytes), new_.substr(0, kSectorBytes));
}

TEST_F(Failures, AnEvictedPageIsReadAgainFromTheDiskUnlessItIsDirty) {
  const auto file = OpenFile(files_, "/a");
  Write(*file, 0, new_);
  FailNext(Failure::kIoError);
  EXPECT_FALSE(file->Sync().ok());
  Write(*file, kSectorBytes, "dirty");
  Write(*file, 10'000, "grown");
  const std::string before = files_.Contents("/a");
  files_.EvictCleanPages();
  EXPECT_EQ(files_.Contents("/a"), old_.substr(0, kSectorBytes) + before.substr(kSectorBytes));
  ExpectOk(file->Sync());
  EXPECT_EQ(AfterPowerLoss(), files_.Contents("/a"));
}

TEST_F(Failures, TheSizeOfWhatWasLostReachesTheDiskWithTheNextSync) {
  const auto file = OpenFile(files_, "/a");
  Write(*file, old_.size(), "lost");
  FailNext(Failure::kIoError);
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_EQ(AfterPowerLoss(LossModel::kNothingKept), old_);
  ExpectOk(file->Sync());
  EXPECT_EQ(AfterPowerLoss(LossModel::kNothingKept), old_ + std::string(4, '\0'));
}

TEST_F(Failures, ASyncMayFailHalfway) {
  const auto file = OpenFile(files_, "/a");
  Write(*file, 0, new_);
  FailNext(Failure::kShortWrite);
  EXPECT_EQ(file->Sync().code(), StatusCode::kIo);
  EXPECT_EQ(AfterPowerLoss(), new_.substr(0, kSectorBytes) + old_.substr(kSectorBytes));
}

TEST_F(Failures, NamesThatAFailedSyncLostStayVisibleUntilThePowerIsLost) {
  OpenFile(files_, "/b");
  FailNext(Failure::kIoError);
  EXPECT_EQ(files_.SyncFolder("/").code(), StatusCode::kIo);
  ExpectOk(files_.SyncFolder("/"));
  EXPECT_THAT(files_.Files(), ElementsAre("/a", "/b"));
  EXPECT_THAT(files_.AfterPowerLoss(LossModel::kEverythingKept, 0)->Files(), ElementsAre("/a"));
}

TEST_F(Failures, WhatAFailedSyncLostIsStillThereForAProcessThatStartsAgain) {
  const auto file = OpenFile(files_, "/a");
  Write(*file, 0, new_);
  FailNext(Failure::kIoError);
  EXPECT_FALSE(file->Sync().ok());
  const auto again = files_.Clone();
  EXPECT_EQ(again->Contents("/a"), new_);
  ExpectOk(OpenFile(*again, "/a")->Sync());
  EXPECT_EQ(again->AfterPowerLoss(LossModel::kEverythingKept, 0)->Contents("/a"), old_);
}

TEST_F(Failures, AfterTheCutEverythingFails) {
  const auto file = OpenFile(files_, "/a");
  files_.CutPowerAt(files_.operations() + 1);
  Write(*file, 0, "x");
  EXPECT_EQ(Read(*file, 0, 1), "x");
  EXPECT_EQ(file->Sync().ToString(), "input/output: cannot sync /a: the power is cut");
  char byte = 0;
  for (const Status& status :
       {file->ReadAt(0, {&byte, 1}).status(), TryWrite(*file, 0, "y"), file->Sync(),
        file->Reserve(0, 1).status(), file->Truncate(0), file->Size().status(), file->TryLock(),
        file->TryLockShared(), files_.Open("/a", Mode::kRead).status(),
        files_.Open("/b", Mode::kCreate).status(), files_.MakeFolder("/b"), files_.SyncFolder("/"),
        files_.List("/").status(), files_.Rename("/a", "/b"), files_.Remove("/a"),
        files_.Link("/a", "/b"), files_.FreeBytes("/").status()}) {
    EXPECT_EQ(status.code(), StatusCode::kIo);
    EXPECT_TRUE(status.message().ends_with(": the power is cut")) << status.message();
  }
  EXPECT_EQ(files_.Contents("/a"), "x" + old_.substr(1));
  EXPECT_EQ(AfterPowerLoss(LossModel::kNothingKept), old_);
}

TEST_F(Failures, TheOperationAtTheCutMayHaveTakenEffectOrNot) {
  const auto file = OpenFile(files_, "/a");
  files_.CutPowerAt(files_.operations());
  EXPECT_FALSE(TryWrite(*file, 0, new_).ok());
  EXPECT_EQ(AfterPowerLoss(), new_);
  EXPECT_EQ(AfterPowerLoss(LossModel::kNothingKept), old_);
}

TEST_F(Failures, ASyncAtTheCutCarriesNothing) {
  const auto file = OpenFile(files_, "/a");
  Write(*file, 0, new_);
  OpenFile(files_, "/b");
  const auto again = files_.Clone();
  files_.CutPowerAt(files_.operations());
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_EQ(AfterPowerLoss(LossModel::kNothingKept), old_);
  again->CutPowerAt(0);
  EXPECT_FALSE(again->SyncFolder("/").ok());
  EXPECT_THAT(again->AfterPowerLoss(LossModel::kNothingKept, 0)->Files(), ElementsAre("/a"));
}

}  // namespace
}  // namespace daybook::test
