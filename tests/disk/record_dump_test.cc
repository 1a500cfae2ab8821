#include "disk/record_dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "disk/copy_test.h"

namespace daybook::disk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// Keeps what it is told.
class Dumped : public DumpTarget {
 public:
  explicit Dumped(bool goes_on = true) : goes_on_(goes_on) {}

  Status OnRecord(const log::RecordView& record) override {
    offsets.push_back(record.offset.value);
    values.emplace_back(record.value);
    return {};
  }
  Status OnMissing(const MissingRecords& missed) override {
    missing.emplace_back(missed.first_offset.value, missed.next_offset.value);
    whys.push_back(missed.why);
    return goes_on_ ? Status() : missed.why;
  }

  std::vector<std::uint64_t> offsets;
  std::vector<std::string> values;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> missing;
  std::vector<Status> whys;

 private:
  const bool goes_on_;
};

// Its five values stand in more than two segments.
class RecordDumpTest : public CopyTest {
 protected:
  Status Dump(Dumped& dumped, const DumpRange& range = {}, const std::string& log = "default") {
    return DumpRecords(files_, "/data", log, range, dumped);
  }
  static DumpRange From(std::uint64_t offset, std::uint64_t records_max = UINT64_MAX) {
    return {Offset(offset), records_max};
  }
  // Flips a bit of the body of the frame that holds the value.
  void Damage(const std::string& value) {
    for (const std::string& segment : Segments()) {
      const std::size_t at = files_.Contents(segment).find(value);
      if (at != std::string::npos) return files_.FlipBit(segment, at * 8);
    }
    FAIL() << "there is no such value";
  }
};

TEST_F(RecordDumpTest, AllRecordsAreToldInTheirOrderAlsoWhileTheLogIsServed) {
  Dumped dumped;
  Write({"more"}, kSegmentBytesMax, [&] { EXPECT_TRUE(Dump(dumped).ok()); });
  values_.emplace_back("more");
  EXPECT_EQ(dumped.values, values_);
  EXPECT_THAT(dumped.offsets, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(dumped.missing, IsEmpty());
}

TEST_F(RecordDumpTest, ALogIsFoundByItsNameOrItsId) {
  const std::string folder = FolderOf(Segments().front());
  Dumped by_id;
  ASSERT_TRUE(Dump(by_id, {}, folder.substr(folder.rfind('/') + 1)).ok());
  EXPECT_EQ(by_id.values, values_);
  Dumped none;
  EXPECT_EQ(Dump(none, {}, "other").code(), StatusCode::kNotFound);
  EXPECT_EQ(Dump(none, {}, "6f9619ff-8b86-4011-b42d-00cf4fc964ff").code(), StatusCode::kNotFound);
}

TEST_F(RecordDumpTest, ARangeIsToldAndNothingElseIsRead) {
  Damage(values_[0]);
  for (std::uint64_t from = 2; from < 5; ++from) {
    Dumped dumped(false);
    ASSERT_TRUE(Dump(dumped, From(from, 2)).ok());
    ASSERT_EQ(dumped.offsets.size(), from == 4 ? 1U : 2U);
    EXPECT_EQ(dumped.offsets.front(), from);
    EXPECT_EQ(dumped.values.front(), values_[from]);
  }
  Dumped nothing(false);
  EXPECT_TRUE(Dump(nothing, From(0, 0)).ok());
  EXPECT_THAT(nothing.offsets, IsEmpty());
}

TEST_F(RecordDumpTest, AtTheEndThereIsNothingAndBehindItThatIsAnError) {
  Dumped dumped;
  EXPECT_TRUE(Dump(dumped, From(5)).ok());
  const Status status = Dump(dumped, From(6));
  EXPECT_EQ(status.code(), StatusCode::kBeyondEnd);
  EXPECT_EQ(status.offset(), Offset(5));
  EXPECT_THAT(dumped.offsets, IsEmpty());
}

TEST_F(RecordDumpTest, WhatWasTrimmedIsAnErrorIfItIsAskedForAndElseLeftOut) {
  const std::string meta = FolderOf(Segments().front()) + "/meta";
  files_.SetContents(meta, EncodeMeta({DecodeMeta(files_.Contents(meta))->log, Offset(3)}));
  Dumped dumped;
  const Status status = Dump(dumped, From(2));
  EXPECT_EQ(status.code(), StatusCode::kTrimmed);
  EXPECT_EQ(status.offset(), Offset(3));
  ASSERT_TRUE(Dump(dumped).ok());
  EXPECT_THAT(dumped.offsets, ElementsAre(3, 4));
  EXPECT_THAT(dumped.missing, IsEmpty());
}

TEST_F(RecordDumpTest, DamageEndsItOrIsToldAndPassed) {
  Damage(values_[2]);
  Dumped ended(false);
  const Status status = Dump(ended);
  EXPECT_EQ(status.code(), StatusCode::kDamaged);
  EXPECT_THAT(status.message(), HasSubstr(".log, position "));
  EXPECT_THAT(ended.offsets, ElementsAre(0, 1));
  Dumped passed;
  ASSERT_TRUE(Dump(passed).ok());
  EXPECT_THAT(passed.offsets, ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(passed.missing, ElementsAre(Pair(2, 3)));
  EXPECT_EQ(passed.whys.at(0).message(), status.message());
}

TEST_F(RecordDumpTest, DamageBeforeTheRangeDoesNotMatter) {
  Damage(values_[0]);
  Dumped dumped(false);
  ASSERT_TRUE(Dump(dumped, From(1)).ok());
  EXPECT_THAT(dumped.offsets, ElementsAre(1, 2, 3, 4));
}

TEST_F(RecordDumpTest, ASegmentThatIsMissingOrHasNoHeaderIsToldAndPassed) {
  const std::vector<std::string> segments = Segments();
  const auto first_of = [&](std::size_t i) {
    return ParseSegmentName(segments.at(i).substr(segments.at(i).rfind('/') + 1))->value;
  };
  const std::uint64_t begin = first_of(1);
  const std::uint64_t end = first_of(2);
  const std::string contents = files_.Contents(segments.at(1));
  files_.FlipBit(segments.at(1), 100);
  Dumped headless;
  ASSERT_TRUE(Dump(headless).ok());
  EXPECT_THAT(headless.missing, ElementsAre(Pair(begin, end)));
  EXPECT_THAT(headless.whys.at(0).message(), HasSubstr(segments.at(1) + ", position 0"));
  EXPECT_EQ(headless.values.size(), values_.size() - (end - begin));
  ASSERT_TRUE(files_.Remove(segments.at(1)).ok());
  Dumped without;
  ASSERT_TRUE(Dump(without).ok());
  EXPECT_THAT(without.missing, ElementsAre(Pair(begin, end)));
  EXPECT_EQ(without.values, headless.values);
  EXPECT_EQ(without.values.back(), values_.back());
}

TEST_F(RecordDumpTest, ADamagedMetaIsToldAndPassed) {
  files_.FlipBit(FolderOf(Segments().front()) + "/meta", 100);
  Dumped ended(false);
  EXPECT_EQ(Dump(ended).code(), StatusCode::kDamaged);
  Dumped passed;
  ASSERT_TRUE(Dump(passed).ok());
  EXPECT_EQ(passed.values, values_);
}

TEST_F(RecordDumpTest, AnEndThatWasNeverAcknowledgedIsNoDamage) {
  WriteWithoutIndex({"whole", "torn"});
  const std::string segment = Segments().back();
  std::string bytes = files_.Contents(segment);
  bytes.resize(bytes.find("torn") + 2);
  files_.SetContents(segment, bytes);
  values_.emplace_back("whole");
  Dumped dumped(false);
  ASSERT_TRUE(Dump(dumped).ok());
  EXPECT_EQ(dumped.values, values_);
}

TEST_F(RecordDumpTest, WhatARepairGaveUpIsTold) {
  WriteLost(Offset(5), 3);
  Dumped dumped;
  ASSERT_TRUE(Dump(dumped).ok());
  EXPECT_EQ(dumped.values, values_);
  EXPECT_THAT(dumped.missing, ElementsAre(Pair(5, 8)));
  EXPECT_EQ(dumped.whys.at(0).code(), StatusCode::kLost);
  Dumped rest;
  ASSERT_TRUE(Dump(rest, From(6)).ok());
  EXPECT_THAT(rest.missing, ElementsAre(Pair(6, 8)));
  EXPECT_TRUE(Dump(rest, From(8)).ok());
  EXPECT_EQ(Dump(rest, From(9)).code(), StatusCode::kBeyondEnd);
}

TEST_F(RecordDumpTest, AnErrorOfTheTargetEndsIt) {
  class Full : public Dumped {
   public:
    Status OnRecord(const log::RecordView&) override { return {StatusCode::kIo, "it is full"}; }
  };
  Full full;
  EXPECT_EQ(Dump(full).message(), "it is full");
}

}  // namespace
}  // namespace daybook::disk
