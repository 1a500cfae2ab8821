// Cursors.

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "engines/conformance.h"

namespace daybook::engines {
namespace {

using testing::ElementsAre;

class CursorTest : public ConformanceTest {
 protected:
  static constexpr std::uint64_t kCursorsMax = 4;

  CursorTest() : ConformanceTest({{}, {50, kCursorsMax}}) {}

  static std::vector<std::string> Names(Log& log) {
    std::vector<std::string> names;
    const auto cursors = Cursors(log);
    for (const Cursor& cursor : *cursors) names.push_back(cursor.name);
    return names;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, CursorTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(CursorTest, ACursorIsMadeThenMoved) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Batch(3)).ok());
  EXPECT_EQ(GetCursor(*log, "c").status().code(), StatusCode::kNotFound);
  const auto made = PutCursor(*log, "c", 1);
  ASSERT_TRUE(made.ok()) << made.status().ToString();
  EXPECT_TRUE(made->made);
  EXPECT_EQ(made->cursor.name, "c");
  EXPECT_EQ(made->cursor.offset, Offset(1));
  for (const std::uint64_t offset : {3, 0}) {
    const auto moved = PutCursor(*log, "c", offset);
    ASSERT_TRUE(moved.ok()) << moved.status().ToString();
    EXPECT_FALSE(moved->made);
    const auto got = GetCursor(*log, "c");
    EXPECT_EQ(got->name, "c");
    EXPECT_EQ(got->offset, Offset(offset));
    EXPECT_EQ(got->revision, moved->cursor.revision);
  }
}

TEST_P(CursorTest, CursorsAreListedByName) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Batch(3)).ok());
  EXPECT_THAT(Names(*log), ElementsAre());
  std::uint64_t offset = 0;
  for (const char* name : {"b", "a.1", "c", "a"}) ASSERT_TRUE(PutCursor(*log, name, offset++).ok());
  EXPECT_THAT(Names(*log), ElementsAre("a", "a.1", "b", "c"));
  EXPECT_EQ(Cursors(*log)->at(1).offset, Offset(1));
  ASSERT_TRUE(DeleteCursor(*log, "b").ok());
  EXPECT_THAT(Names(*log), ElementsAre("a", "a.1", "c"));
}

TEST_P(CursorTest, ADeletedCursorIsNoMore) {
  const LogHandle log = NewLog();
  EXPECT_EQ(DeleteCursor(*log, "c").code(), StatusCode::kNotFound);
  ASSERT_TRUE(PutCursor(*log, "c", 0).ok());
  EXPECT_TRUE(DeleteCursor(*log, "c").ok());
  EXPECT_EQ(GetCursor(*log, "c").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(DeleteCursor(*log, "c").code(), StatusCode::kNotFound);
  EXPECT_TRUE(PutCursor(*log, "c", 0)->made);
}

TEST_P(CursorTest, ARevisionIsLargerEachTimeAlsoAfterDeletions) {
  const LogHandle log = NewLog();
  std::uint64_t last = 0;
  for (int i = 0; i < 10; ++i) {
    for (int put = 0; put < 3; ++put) {
      const std::uint64_t revision = PutCursor(*log, "c", 0)->cursor.revision;
      EXPECT_GT(revision, last);
      EXPECT_EQ(GetCursor(*log, "c")->revision, revision);
      last = revision;
      ASSERT_TRUE(PutCursor(*log, "other", 0).ok());
    }
    ASSERT_TRUE(DeleteCursor(*log, "c").ok());
  }
}

TEST_P(CursorTest, ThatItExistsOrDoesNotMayBeACondition) {
  const CursorCondition is_there{true, {}};
  const CursorCondition is_not{false, {}};
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, "v").ok());
  EXPECT_EQ(PutCursor(*log, "c", 0, is_there).status().code(), StatusCode::kConditionFailed);
  EXPECT_EQ(GetCursor(*log, "c").status().code(), StatusCode::kNotFound);
  const auto made = PutCursor(*log, "c", 0, is_not);
  ASSERT_TRUE(made.ok()) << made.status().ToString();
  EXPECT_EQ(PutCursor(*log, "c", 1, is_not).status().code(), StatusCode::kConditionFailed);
  EXPECT_EQ(DeleteCursor(*log, "c", is_not).code(), StatusCode::kConditionFailed);
  EXPECT_EQ(GetCursor(*log, "c")->offset, Offset(0));
  EXPECT_EQ(GetCursor(*log, "c")->revision, made->cursor.revision);
  EXPECT_TRUE(PutCursor(*log, "c", 1, is_there).ok());
  EXPECT_TRUE(DeleteCursor(*log, "c", is_there).ok());
}

TEST_P(CursorTest, OneOfSomeRevisionsMayBeACondition) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, "v").ok());
  EXPECT_EQ(PutCursor(*log, "c", 0, {{}, {1}}).status().code(), StatusCode::kConditionFailed);
  const std::uint64_t first = PutCursor(*log, "c", 0)->cursor.revision;
  const std::uint64_t second = PutCursor(*log, "c", 0, {{}, {first}})->cursor.revision;
  EXPECT_EQ(PutCursor(*log, "c", 1, {{}, {first}}).status().code(), StatusCode::kConditionFailed);
  EXPECT_EQ(DeleteCursor(*log, "c", {{}, {first}}).code(), StatusCode::kConditionFailed);
  EXPECT_EQ(GetCursor(*log, "c")->offset, Offset(0));
  const auto third = PutCursor(*log, "c", 1, {{}, {first, second}});
  ASSERT_TRUE(third.ok()) << third.status().ToString();
  EXPECT_TRUE(DeleteCursor(*log, "c", {true, {third->cursor.revision}}).ok());
  ASSERT_TRUE(PutCursor(*log, "c", 0).ok());
  EXPECT_EQ(PutCursor(*log, "c", 0, {{}, {third->cursor.revision}}).status().code(),
            StatusCode::kConditionFailed);
}

TEST_P(CursorTest, OfTwoMovesWithOneRevisionOneSucceeds) {
  const LogHandle log = NewLog();
  for (int round = 0; round < 100; ++round) {
    const std::uint64_t revision = PutCursor(*log, "c", 0)->cursor.revision;
    std::atomic<int> moved{0};
    AtOnce(2, [&](int) {
      const Status status = PutCursor(*log, "c", 0, {{}, {revision}}).status();
      moved += status.ok() ? 1 : 0;
      EXPECT_TRUE(status.ok() || status.code() == StatusCode::kConditionFailed)
          << status.ToString();
    });
    ASSERT_EQ(moved, 1);
  }
}

TEST_P(CursorTest, BehindTheEndIsRefusedWithTheEnd) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Batch(2)).ok());
  ASSERT_TRUE(PutCursor(*log, "c", 2).ok());
  for (const std::uint64_t offset : {std::uint64_t{3}, UINT64_MAX}) {
    for (const char* name : {"c", "new"}) {
      const auto refused = PutCursor(*log, name, offset);
      EXPECT_EQ(refused.status().code(), StatusCode::kBeyondEnd);
      EXPECT_EQ(refused.status().offset(), Offset(2));
    }
  }
  EXPECT_THAT(Names(*log), ElementsAre("c"));
  EXPECT_EQ(GetCursor(*log, "c")->offset, Offset(2));
}

TEST_P(CursorTest, ATrimMovesNoCursor) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, Batch(3)).ok());
  ASSERT_TRUE(PutCursor(*log, "c", 1).ok());
  ASSERT_TRUE(Trim(*log, 3).ok());
  EXPECT_EQ(GetCursor(*log, "c")->offset, Offset(1));
  EXPECT_TRUE(PutCursor(*log, "c", 2).ok());
}

TEST_P(CursorTest, ThereAreNoMoreCursorsThanMayBe) {
  const LogHandle log = NewLog();
  const LogHandle other = NewLog();
  for (const char* name : {"a", "b", "c", "d"}) ASSERT_TRUE(PutCursor(*log, name, 0).ok());
  EXPECT_EQ(PutCursor(*log, "e", 0).status().code(), StatusCode::kNoSpace);
  EXPECT_EQ(GetCursor(*log, "e").status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(PutCursor(*log, "a", 0).ok());
  EXPECT_TRUE(PutCursor(*other, "e", 0).ok());
  ASSERT_TRUE(DeleteCursor(*log, "a").ok());
  EXPECT_TRUE(PutCursor(*log, "e", 0).ok());
  EXPECT_EQ(PutCursor(*log, "a", 0).status().code(), StatusCode::kNoSpace);
}

TEST_P(CursorTest, EachLogHasCursorsOfItsOwn) {
  const LogHandle log = NewLog();
  const LogHandle other = NewLog();
  ASSERT_TRUE(Append(*log, Batch(2)).ok());
  ASSERT_TRUE(PutCursor(*log, "c", 2).ok());
  EXPECT_EQ(GetCursor(*other, "c").status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(PutCursor(*other, "c", 0)->made);
  ASSERT_TRUE(DeleteCursor(*other, "c").ok());
  EXPECT_EQ(GetCursor(*log, "c")->offset, Offset(2));
}

}  // namespace
}  // namespace daybook::engines
