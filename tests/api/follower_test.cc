#include "api/follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "api/fake_log.h"
#include "api/wakes.h"

namespace daybook::api {
namespace {

using http::BodyPiece;
using http::CloseReason;
using testing::HasSubstr;

class FollowerTest : public testing::Test {
 protected:
  void Start(Follower::Wanted wanted = {}) {
    follower_ = std::make_unique<Follower>(
        log_.Lent(), feeds_.Join(log_.Lent(), ValueEncoding::kText, Offset(log_.records.size())),
        std::move(wanted), stats_);
    follower_->OnStart(http::Waker(wakes_, {1, 1, 1}));
  }
  static Follower::Wanted From(std::uint64_t offset, std::optional<std::string> key = {}) {
    return {Offset(offset), ValueEncoding::kText, std::move(key)};
  }
  BodyPiece Next(bool more = true) {
    BodyPiece piece;
    EXPECT_EQ(follower_->Next(piece), more);
    return piece;
  }
  void Append() {
    log_.records.push_back({1, {}, false});
    log_.watches().Tell();
    wakes_.RunAll();
  }

  FakeLog log_;
  Wakes wakes_;
  Feeds feeds_;
  const std::shared_ptr<LiveStats> stats_ = std::make_shared<LiveStats>();
  std::unique_ptr<Follower> follower_;
};

TEST_F(FollowerTest, ASearchForAKeyLooksAtFewPagesBeforeOthersHaveTheirTurn) {
  log_.value = std::string(1'000, 'v');
  log_.records.resize(10'000);
  Start(From(0, "nobody's"));
  int turns = 0;
  while (wakes_.counts[1] == turns) {
    log_.page_sizes.clear();
    EXPECT_TRUE(Next().waits);
    EXPECT_LE(log_.page_sizes.size(), 8U);
    ++turns;
  }
  EXPECT_GT(turns, 10);
  EXPECT_TRUE(Next().waits);  // at the end, where nothing wakes it but a record
}

TEST_F(FollowerTest, WhatItHasReadByItselfIsChargedUntilItIsGiven) {
  log_.value = std::string(100'000, 'v');
  log_.records.resize(3);
  Start(From(0));
  EXPECT_EQ(follower_->held_bytes(), 0U);
  EXPECT_EQ(Next().view.size() / 1'000, 100U);
  EXPECT_GT(follower_->held_bytes(), 100'000U);
  EXPECT_EQ(Next().view.size() / 1'000, 100U);
  EXPECT_EQ(Next().view.size() / 1'000, 100U);
  EXPECT_LT(follower_->held_bytes(), 210'000U);
  EXPECT_TRUE(Next().waits);
  follower_->OnQuiet();
  EXPECT_EQ(follower_->held_bytes(), 0U);
}

TEST_F(FollowerTest, ALargeEventOfTheFeedIsSentFromThereAndNotCharged) {
  log_.value = std::string(100'000, 'v');
  Start(From(0));
  EXPECT_THAT(Next().text, HasSubstr("id: -1"));
  Append();
  const BodyPiece piece = Next();
  EXPECT_EQ(piece.text, "");
  EXPECT_THAT(std::string(piece.view.substr(0, 20)), testing::StartsWith("id: 0\n"));
  EXPECT_EQ(follower_->held_bytes(), 0U);
}

TEST_F(FollowerTest, AnEndIsCountedOnceWhateverBecomesOfItsSending) {
  Start(From(0));
  Next();
  follower_->EndSoon(CloseReason::kDrain);
  EXPECT_THAT(Next(false).text, HasSubstr("\"draining\""));
  follower_->OnCut(CloseReason::kWriteTimeout);
  EXPECT_EQ(stats_->ends[static_cast<std::size_t>(FollowEnd::kDraining)].value(), 1U);
  EXPECT_EQ(stats_->ends[static_cast<std::size_t>(FollowEnd::kStalled)].value(), 0U);
}

TEST_F(FollowerTest, OnlyWhatItHasWaitedForIsADelay) {
  log_.records.resize(3);
  Start(From(0));
  while (!Next().waits) {
  }
  const auto delays = [&] {
    DurationHistogram<std::uint64_t> sum;
    AddTo(sum, stats_->delays);
    std::uint64_t count = 0;
    for (const std::uint64_t bucket : sum.buckets) count += bucket;
    return count;
  };
  EXPECT_EQ(delays(), 0U);
  wakes_.RunAll();
  Append();
  Next();
  EXPECT_EQ(delays(), 1U);
  EXPECT_EQ(stats_->followed_records.value(), 4U);
}

TEST_F(FollowerTest, LostRecordsAreAGap) {
  log_.records.resize(3);
  log_.records[1].lost = true;
  Start(From(0));
  EXPECT_THAT(Next().text, HasSubstr("event: gap\ndata: {\"first_offset\":2,\"reason\":\"lost\"}"));
}

}  // namespace
}  // namespace daybook::api
