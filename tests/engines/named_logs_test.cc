// Logs by name: made, found, listed, configured and deleted.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engines/conformance.h"
#include "log/find_and_wait.h"

namespace daybook::engines {
namespace {

using log::FindAndWait;
using log::Retention;
using std::chrono::milliseconds;
using testing::ElementsAre;

class NamedLogsTest : public ConformanceTest {
 protected:
  // Logs of those names behind one prefix, which is returned.
  std::string CreateAll(const std::vector<std::string>& names) {
    std::string prefix = NewName();
    for (const std::string& name : names) EXPECT_TRUE(Create(store(), prefix + name)->made);
    return prefix;
  }
  // What comes of List() without the prefix.
  std::vector<std::string> ListBehind(const std::string& prefix, const std::string& more,
                                      const std::string& after, std::size_t logs_max = 100) {
    std::vector<std::string> names = List(store(), prefix + more, after, logs_max);
    for (std::string& name : names) name.erase(0, prefix.size());
    return names;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, NamedLogsTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(NamedLogsTest, DefaultIsAlwaysThere) {
  const auto found = FindAndWait(store(), log::kDefaultLog);
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ((*found)->name(), log::kDefaultLog);
  const auto created = Create(store(), std::string(log::kDefaultLog));
  ASSERT_TRUE(created.ok()) << created.status().ToString();
  EXPECT_FALSE(created->made);
  EXPECT_EQ(created->log->id(), (*found)->id());
  EXPECT_THAT(List(store(), "default", "", 1), ElementsAre("default"));
}

TEST_P(NamedLogsTest, ALogIsFoundOnceItIsMade) {
  const std::string name = NewName();
  EXPECT_EQ(FindAndWait(store(), name).status().code(), StatusCode::kNotFound);
  const auto created = Create(store(), name);
  ASSERT_TRUE(created.ok()) << created.status().ToString();
  EXPECT_TRUE(created->made);
  EXPECT_EQ(created->log->name(), name);
  const auto found = FindAndWait(store(), name);
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ((*found)->id(), created->log->id());
  const auto info = Info(**found);
  EXPECT_EQ(info->id, created->log->id());
  EXPECT_EQ(info->first_offset, Offset(0));
  EXPECT_EQ(info->next_offset, Offset(0));
  if (ManualClock* clock = engine_->clock(); clock != nullptr) {
    EXPECT_EQ(info->created, clock->Now());
  }
}

TEST_P(NamedLogsTest, ALogIsMadeOnceAndStaysAsItIs) {
  const std::string name = NewName();
  const Retention retention{milliseconds(3'600'000), 1 << 20};
  const auto first = Create(store(), name, retention);
  ASSERT_TRUE(Append(*first->log, "kept").ok());
  ASSERT_TRUE(PutCursor(*first->log, "c", 1).ok());
  const auto again = Create(store(), name, {milliseconds(1), 1});
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_FALSE(again->made);
  EXPECT_EQ(again->log->id(), first->log->id());
  EXPECT_EQ(Info(*again->log)->retention, retention);
  EXPECT_THAT(ReadValues(*again->log), ElementsAre("kept"));
  EXPECT_EQ(GetCursor(*again->log, "c")->offset, Offset(1));
}

TEST_P(NamedLogsTest, OfManyWhoMakeALogOneDoes) {
  for (int round = 0; round < 20; ++round) {
    const std::string name = NewName();
    std::atomic<int> made{0};
    AtOnce(3, [&](int) {
      const auto created = Create(store(), name);
      ASSERT_TRUE(created.ok()) << created.status().ToString();
      made += created->made ? 1 : 0;
      EXPECT_TRUE(Append(*created->log, "v").ok());
    });
    EXPECT_EQ(made, 1);
    const LogHandle log = *FindAndWait(store(), name);
    EXPECT_EQ(End(*log), 3U);
    ASSERT_TRUE(Delete(store(), log).ok());
  }
}

TEST_P(NamedLogsTest, LogsAreListedByNameFromOneOnUpToSoMany) {
  const std::string prefix = CreateAll({"b", "a", "a.1", "", "z"});
  EXPECT_THAT(ListBehind(prefix, "", ""), ElementsAre("", "a", "a.1", "b", "z"));
  EXPECT_THAT(ListBehind(prefix, "", "", 2), ElementsAre("", "a"));
  EXPECT_THAT(ListBehind(prefix, "", prefix + "a", 2), ElementsAre("a.1", "b"));
  EXPECT_THAT(ListBehind(prefix, "", prefix + "aa"), ElementsAre("b", "z"));
  EXPECT_THAT(ListBehind(prefix, "a", ""), ElementsAre("a", "a.1"));
  EXPECT_THAT(ListBehind(prefix, "a", prefix + "a"), ElementsAre("a.1"));
  EXPECT_THAT(ListBehind(prefix, "b", prefix + "a"), ElementsAre("b"));
  EXPECT_THAT(ListBehind(prefix, "a", prefix + "b"), ElementsAre());
  EXPECT_THAT(ListBehind(prefix, "", prefix + "z"), ElementsAre());
  EXPECT_THAT(ListBehind(prefix, "", "", 0), ElementsAre());
}

TEST_P(NamedLogsTest, ALogThatWasDeletedIsNeitherFoundNorListed) {
  const std::string prefix = CreateAll({"a", "b"});
  ASSERT_TRUE(Delete(store(), *FindAndWait(store(), prefix + "a")).ok());
  EXPECT_EQ(FindAndWait(store(), prefix + "a").status().code(), StatusCode::kNotFound);
  EXPECT_THAT(ListBehind(prefix, "", ""), ElementsAre("b"));
}

TEST_P(NamedLogsTest, WhoeverHoldsADeletedLogIsToldByEveryCall) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, "v", {std::nullopt, "key"}).ok());
  ASSERT_TRUE(PutCursor(*log, "c", 0).ok());
  const std::string name = log->name();
  const log::LogId id = log->id();
  ASSERT_TRUE(Delete(store(), log).ok());
  for (const bool remade : {false, true}) {
    if (remade) {
      ASSERT_TRUE(Create(store(), name)->made);
    }
    const std::vector<Status> answers = {
        Append(*log, "v").status(),
        Append(*log, "v", {std::nullopt, "key"}).status(),
        Append(*log, "v", {Offset(0), ""}).status(),
        Read(*log, 0).status(),
        Read(*log, 7).status(),
        Info(*log).status(),
        Trim(*log, 0).status(),
        Configure(*log, {}).status(),
        Configure(*log, {milliseconds(7), {}}).status(),
        GetCursor(*log, "c").status(),
        Cursors(*log).status(),
        PutCursor(*log, "c", 0).status(),
        DeleteCursor(*log, "c"),
        Delete(store(), log),
    };
    for (std::size_t i = 0; i < answers.size(); ++i)
      EXPECT_EQ(answers[i].code(), StatusCode::kLogDeleted) << i << " " << answers[i].ToString();
  }
  EXPECT_EQ(log->name(), name);
  EXPECT_EQ(log->id(), id);
  EXPECT_EQ(End(**FindAndWait(store(), name)), 0U);
}

TEST_P(NamedLogsTest, OneMadeUnderTheNameOfADeletedOneBeginsAnew) {
  const std::string name = NewName();
  const LogHandle old = Create(store(), name, {milliseconds(3'600'000), 1 << 20})->log;
  ASSERT_TRUE(Append(*old, "old", {std::nullopt, "key"}).ok());
  ASSERT_TRUE(PutCursor(*old, "c", 1).ok());
  ASSERT_TRUE(Delete(store(), old).ok());
  const auto created = Create(store(), name);
  ASSERT_TRUE(created.ok()) << created.status().ToString();
  EXPECT_TRUE(created->made);
  Log& log = *created->log;
  EXPECT_NE(log.id(), old->id());
  const auto info = Info(log);
  EXPECT_EQ(info->first_offset, Offset(0));
  EXPECT_EQ(info->next_offset, Offset(0));
  EXPECT_TRUE(info->retention.keeps_all());
  EXPECT_TRUE(Cursors(log)->empty());
  EXPECT_EQ(GetCursor(log, "c").status().code(), StatusCode::kNotFound);
  const auto appended = Append(log, "new", {std::nullopt, "key"});
  ASSERT_TRUE(appended.ok()) << appended.status().ToString();
  EXPECT_FALSE(appended->replayed);
  EXPECT_EQ(appended->first_offset, Offset(0));
  EXPECT_THAT(ReadValues(log), ElementsAre("new"));
}

TEST_P(NamedLogsTest, OfManyWhoDeleteALogOneDoes) {
  for (int round = 0; round < 20; ++round) {
    const LogHandle log = NewLog();
    std::atomic<int> deleted{0};
    AtOnce(3, [&](int) {
      const Status status = Delete(store(), log);
      deleted += status.ok() ? 1 : 0;
      EXPECT_TRUE(status.ok() || status.code() == StatusCode::kLogDeleted) << status.ToString();
    });
    EXPECT_EQ(deleted, 1);
  }
}

TEST_P(NamedLogsTest, AppendsBesideADeletionAreDoneOrTold) {
  for (int round = 0; round < 10; ++round) {
    const LogHandle log = NewLog();
    AtOnce(3, [&](int thread) {
      if (thread == 0) {
        EXPECT_TRUE(Delete(store(), log).ok());
        return;
      }
      for (StatusCode code = StatusCode::kOk; code == StatusCode::kOk;) {
        code = Append(*log, "v").status().code();
        EXPECT_TRUE(code == StatusCode::kOk || code == StatusCode::kLogDeleted)
            << StatusCodeName(code);
      }
    });
  }
}

TEST_P(NamedLogsTest, NamesThatAreNearlyTheSameAreOfSeparateLogs) {
  const std::vector<std::string> ends = {
      "",    "a.b", "a_b", "a-b", "A.B",  "a..b", "a.b.",
      "a/b", "a b", "a*",  "a>",  "\xFF", "%2E",  std::string("a\0", 2)};
  const std::string prefix = CreateAll(ends);
  for (const std::string& end : ends)
    ASSERT_TRUE(Append(**FindAndWait(store(), prefix + end), end).ok());
  std::set<log::LogId> ids;
  for (const std::string& end : ends) {
    const LogHandle log = *FindAndWait(store(), prefix + end);
    ids.insert(log->id());
    EXPECT_EQ(log->name(), prefix + end);
    EXPECT_THAT(ReadValues(*log), ElementsAre(end));
  }
  EXPECT_EQ(ids.size(), ends.size());
  EXPECT_EQ(List(store(), prefix, "", 100).size(), ends.size());
}

TEST_P(NamedLogsTest, NamesOfTheGreatestLengthMayDifferInTheirLastByte) {
  std::string name = NewName();
  name.resize(128, 'n');
  std::string other = name;
  other.back() = 'm';
  ASSERT_TRUE(Append(*Create(store(), name)->log, "a").ok());
  ASSERT_TRUE(Append(*Create(store(), other)->log, "b").ok());
  EXPECT_THAT(ReadValues(**FindAndWait(store(), name)), ElementsAre("a"));
  EXPECT_THAT(ReadValues(**FindAndWait(store(), other)), ElementsAre("b"));
  EXPECT_THAT(List(store(), other.substr(0, 127), other, 10), ElementsAre(name));
}

TEST_P(NamedLogsTest, ConfigureChangesWhatIsNamedAndKeepsTheRest) {
  const Retention made{milliseconds(3'600'000), 1 << 20};
  const LogHandle log = Create(store(), NewName(), made)->log;
  EXPECT_EQ(Info(*log)->retention, made);
  const auto expect = [&](const log::RetentionChange& change, const Retention& retention) {
    const auto configured = Configure(*log, change);
    ASSERT_TRUE(configured.ok()) << configured.status().ToString();
    EXPECT_EQ(configured->retention, retention);
    EXPECT_EQ(Info(*log)->retention, retention);
  };
  expect({}, made);
  expect({milliseconds(7'200'000), {}}, {milliseconds(7'200'000), 1 << 20});
  expect({{}, 2 << 20}, {milliseconds(7'200'000), 2 << 20});
  expect({std::optional<milliseconds>(), {}}, {{}, 2 << 20});
  expect({{}, std::optional<std::uint64_t>()}, {});
  expect({milliseconds(1'000'000), 3 << 20}, {milliseconds(1'000'000), 3 << 20});
}

class FewLogsTest : public ConformanceTest {
 protected:
  static constexpr std::uint64_t kLogsMax = 6;

  FewLogsTest() : ConformanceTest({{}, {kLogsMax, 5}}) {}
};
INSTANTIATE_TEST_SUITE_P(Engines, FewLogsTest, testing::ValuesIn(Engines()), NameOf);

TEST_P(FewLogsTest, ThereAreNoMoreLogsThanMayBe) {
  std::vector<std::string> made;
  for (;;) {
    const std::string name = NewName();
    const auto created = Create(store(), name);
    if (!created.ok()) {
      EXPECT_EQ(created.status().code(), StatusCode::kNoSpace);
      EXPECT_EQ(FindAndWait(store(), name).status().code(), StatusCode::kNotFound);
      break;
    }
    made.push_back(name);
    ASSERT_LT(made.size(), kLogsMax) << "with default there are too many";
  }
  EXPECT_EQ(List(store(), "", "", 100).size(), kLogsMax);
  ASSERT_FALSE(made.empty());
  EXPECT_FALSE(Create(store(), made.front())->made);
  ASSERT_TRUE(Delete(store(), *FindAndWait(store(), made.front())).ok());
  EXPECT_TRUE(Create(store(), NewName())->made);
  EXPECT_EQ(Create(store(), made.front()).status().code(), StatusCode::kNoSpace);
}

}  // namespace
}  // namespace daybook::engines
