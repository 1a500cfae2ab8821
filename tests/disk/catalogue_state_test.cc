#include "disk/catalogue_state.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace daybook::disk {
namespace {

log::LogId IdOf(std::uint8_t number) {
  log::LogId id;
  id.bytes.fill(number);
  return id;
}

class CatalogueStateTest : public testing::Test {
 protected:
  // As the record that gets the next offset.
  static Status ApplyTo(CatalogueState& state, const log::NewRecord& record, Offset offset) {
    log::RecordView view{offset, Timestamp(5), {}, {}, record.value};
    if (record.key) view.key = *record.key;
    return state.Apply(view);
  }
  Status Apply(const log::NewRecord& record) {
    next_ = next_ + 1;
    return ApplyTo(state_, record, Offset(next_.value - 1));
  }
  void Expect(const log::NewRecord& record) {
    const Status status = Apply(record);
    EXPECT_TRUE(status.ok()) << status.message();
  }

  static std::string Describe(const CatalogueState& state) {
    std::string all;
    for (const CatalogueEntry& entry : state.entries()) {
      all +=
          entry.id.ToString() + " " + entry.name + " " +
          std::to_string(entry.created.milliseconds) + " " +
          std::to_string(entry.retention.max_age.value_or(std::chrono::milliseconds(-1)).count()) +
          " " + std::to_string(entry.retention.max_bytes.value_or(-1)) + "\n";
      for (const log::Cursor& cursor : state.CursorsOf(entry.id)->All()) {
        all += "  " + cursor.name + " " + std::to_string(cursor.offset.value) + " " +
               std::to_string(cursor.revision) + "\n";
      }
    }
    for (const log::LogId& id : state.deleted()) all += "gone " + id.ToString() + "\n";
    return all;
  }

  void Fill() {
    Expect(CreationOf({IdOf(1), "default", Timestamp(7), {}}));
    Expect(CreationOf({IdOf(2), "orders", Timestamp(8), {}}));
    Expect(CreationOf({IdOf(3), "gone", Timestamp(9), {}}));
    Expect(SettingsOf(IdOf(2), {std::chrono::milliseconds(1000), 4096}));
    Expect(PutOf(IdOf(2), {"reader", Offset(17), 0}));
    Expect(PutOf(IdOf(3), {"reader", Offset(1), 0}));
    Expect(PutOf(IdOf(2), {"other", Offset(3), 0}));
    Expect(PutOf(IdOf(2), {"reader", Offset(19), 0}));
    Expect(CursorDeletionOf(IdOf(2), "other"));
    Expect(DeletionOf(IdOf(3)));
  }

  CatalogueState state_;
  Offset next_;
};

TEST_F(CatalogueStateTest, LogsAreListedByName) {
  Fill();
  ASSERT_EQ(state_.entries().size(), 2U);
  EXPECT_EQ(state_.entries()[0].name, "default");
  EXPECT_EQ(state_.entries()[1].name, "orders");
  EXPECT_EQ(state_.entries()[1].created, Timestamp(8));
  EXPECT_EQ(state_.entries()[1].retention, (log::Retention{std::chrono::milliseconds(1000), 4096}));
  EXPECT_EQ(FindByName(state_.entries(), "gone"), nullptr);
}

TEST_F(CatalogueStateTest, SettingsOfNoBoundTakeBoundsAway) {
  Fill();
  Expect(SettingsOf(IdOf(2), {}));
  EXPECT_TRUE(state_.entries()[1].retention.keeps_all());
}

TEST_F(CatalogueStateTest, ACursorHasItsLastOffsetAndTheOffsetOfThatRecordAsRevision) {
  Fill();
  const log::CursorTable& cursors = *state_.CursorsOf(IdOf(2));
  ASSERT_EQ(cursors.size(), 1U);
  EXPECT_EQ(cursors.Get("reader")->offset, Offset(19));
  EXPECT_EQ(cursors.Get("reader")->revision, 7U);
}

TEST_F(CatalogueStateTest, ADeletedLogHasNeitherNameNorCursorsAndItsFolderIsToGo) {
  Fill();
  EXPECT_EQ(state_.CursorsOf(IdOf(3)), nullptr);
  EXPECT_EQ(state_.deleted(), std::vector{IdOf(3)});
  state_.Forget(IdOf(3));
  EXPECT_TRUE(state_.deleted().empty());
}

TEST_F(CatalogueStateTest, ALogMadeAgainUnderTheSameNameHasNoCursors) {
  Fill();
  Expect(CreationOf({IdOf(4), "gone", Timestamp(10), {}}));
  ASSERT_NE(state_.CursorsOf(IdOf(4)), nullptr);
  EXPECT_EQ(state_.CursorsOf(IdOf(4))->size(), 0U);
}

TEST_F(CatalogueStateTest, ASecondCreationOfALogChangesNothing) {
  Fill();
  const std::string before = Describe(state_);
  Expect(CreationOf({IdOf(2), "orders", Timestamp(8), {}}));
  EXPECT_EQ(Describe(state_), before);
}

TEST_F(CatalogueStateTest, TheSnapshotBringsAnEmptyStateToTheSame) {
  Fill();
  CatalogueState other;
  Offset offset(100);  // revisions do not depend on where it stands
  for (const log::NewRecord& record : state_.Snapshot()) {
    const Status status = ApplyTo(other, record, offset);
    EXPECT_TRUE(status.ok()) << status.message();
    offset = offset + 1;
  }
  EXPECT_EQ(Describe(other), Describe(state_));
}

TEST_F(CatalogueStateTest, TheSnapshotDoesNothingToTheStateItIsOf) {
  Fill();
  const std::string before = Describe(state_);
  for (const log::NewRecord& record : state_.Snapshot()) Expect(record);
  EXPECT_EQ(Describe(state_), before);
}

TEST_F(CatalogueStateTest, ARecordOfAnUnknownKindIsDamage) {
  Fill();
  log::NewRecord record = DeletionOf(IdOf(2));
  record.key = "rename";
  EXPECT_EQ(Apply(record).code(), StatusCode::kDamaged);
  log::NewRecord without_key;
  without_key.value = record.value;
  EXPECT_EQ(Apply(without_key).code(), StatusCode::kDamaged);
}

TEST_F(CatalogueStateTest, ARecordOfAnotherLengthThanItsKindHasIsDamage) {
  Fill();
  for (log::NewRecord record :
       {DeletionOf(IdOf(2)), SettingsOf(IdOf(2), {}), CursorDeletionOf(IdOf(2), ""),
        PutOf(IdOf(2), {"", Offset(1), 0}), CreationOf({IdOf(2), "", Timestamp(1), {}})}) {
    if (record.key == "delete" || record.key == "settings") record.value += 'x';
    EXPECT_EQ(Apply(record).code(), StatusCode::kDamaged) << *record.key;
    record.value.resize(15);
    EXPECT_EQ(Apply(record).code(), StatusCode::kDamaged) << *record.key;
  }
}

TEST_F(CatalogueStateTest, ARecordAboutALogThatThereIsNotIsSaidToBe) {
  Fill();
  EXPECT_EQ(Apply(SettingsOf(IdOf(3), {})).code(), StatusCode::kNotFound);
  EXPECT_EQ(Apply(PutOf(IdOf(3), {"reader", Offset(1), 0})).code(), StatusCode::kNotFound);
  EXPECT_EQ(Apply(CursorDeletionOf(IdOf(9), "reader")).code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace daybook::disk
