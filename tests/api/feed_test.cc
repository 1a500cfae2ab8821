#include "api/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "api/fake_log.h"
#include "api/wakes.h"

namespace daybook::api {
namespace {

class FeedTest : public testing::Test {
 protected:
  void Append(std::size_t records = 1) {
    for (std::size_t i = 0; i < records; ++i) log_.records.push_back({1, {}, false});
    log_.watches().Tell();
    wakes_.RunAll();
  }
  // What there is for a member at that offset: the offsets of a block, or a word. What it has read
  // for that comes with the next call.
  std::string LookAt(std::uint64_t offset, Feed::Member& member) {
    const Feed::Look look = feed_->LookAt(Offset(offset), member);
    wakes_.RunAll();
    if (!look.ended.ok()) return "ended";
    if (look.is_behind) return "behind";
    if (look.block == nullptr) return "nothing";
    return std::to_string(look.block->from.value) + "-" + std::to_string(look.block->next.value);
  }
  std::shared_ptr<Feed> MakeFeed(std::uint64_t end) {
    return std::make_shared<Feed>(log_.Lent(), ValueEncoding::kBase64, Offset(end), kept_);
  }
  std::unique_ptr<Feed::Member> MakeMember(int number) {
    return std::make_unique<Feed::Member>(feed_, http::Waker(wakes_, {number, 1, 1}));
  }

  FakeLog log_;
  Wakes wakes_;
  std::shared_ptr<KeptBytes> kept_ = std::make_shared<KeptBytes>(0);
  std::shared_ptr<Feed> feed_ = MakeFeed(0);
  std::unique_ptr<Feed::Member> first_ = MakeMember(1);
  std::unique_ptr<Feed::Member> second_ = MakeMember(2);
};

TEST_F(FeedTest, WhatIsReadOnceIsForAllWhoWait) {
  EXPECT_EQ(LookAt(0, *first_), "nothing");
  EXPECT_EQ(LookAt(0, *second_), "nothing");
  log_.page_sizes.clear();
  Append();
  EXPECT_EQ(wakes_.counts, (std::map<int, int>{{1, 1}, {2, 1}}));
  EXPECT_EQ(LookAt(0, *first_), "0-1");
  EXPECT_EQ(LookAt(0, *second_), "0-1");
  EXPECT_EQ(log_.page_sizes.size(), 1U);
}

TEST_F(FeedTest, NothingIsReadWhileNobodyWaits) {
  log_.page_sizes.clear();
  Append();
  EXPECT_TRUE(log_.page_sizes.empty());
  EXPECT_EQ(LookAt(0, *first_), "nothing");
  EXPECT_EQ(wakes_.counts[1], 1);
  EXPECT_EQ(LookAt(0, *first_), "0-1");
}

TEST_F(FeedTest, OneThatIsWokenAndDoesNotLookHoldsNobodyUp) {
  EXPECT_EQ(LookAt(0, *first_), "nothing");
  EXPECT_EQ(LookAt(0, *second_), "nothing");
  Append();
  EXPECT_EQ(LookAt(0, *second_), "0-1");
  EXPECT_EQ(LookAt(1, *second_), "nothing");
  Append();
  EXPECT_EQ(wakes_.counts, (std::map<int, int>{{1, 1}, {2, 2}}));
  EXPECT_EQ(LookAt(1, *second_), "1-2");
}

TEST_F(FeedTest, OneThatLeavesTakesNoWakeWithIt) {
  EXPECT_EQ(LookAt(0, *first_), "nothing");
  EXPECT_EQ(LookAt(0, *second_), "nothing");
  log_.records.push_back({1, {}, false});
  log_.watches().Tell();
  first_.reset();
  EXPECT_EQ(wakes_.RunAll(), 1);
  EXPECT_EQ(wakes_.counts, (std::map<int, int>{{2, 1}}));
}

TEST_F(FeedTest, WhatMovesWhileItIsReadIsReadNext) {
  EXPECT_EQ(LookAt(0, *first_), "nothing");
  log_.answers_later = true;
  Append();
  Append();  // while it is read
  log_.AnswerAll();
  log_.answers_later = false;
  EXPECT_EQ(wakes_.counts[1], 1);
  EXPECT_EQ(LookAt(0, *first_), "0-1");
  EXPECT_EQ(LookAt(1, *first_), "nothing");
  EXPECT_EQ(LookAt(1, *first_), "1-2");
}

TEST_F(FeedTest, OneBehindReadsForItself) {
  Append(3);
  feed_ = MakeFeed(3);
  const auto member = MakeMember(3);
  EXPECT_EQ(LookAt(2, *member), "behind");
  EXPECT_EQ(LookAt(3, *member), "nothing");
  Append();
  EXPECT_EQ(LookAt(3, *member), "3-4");
}

TEST_F(FeedTest, ItBeginsWhereOneHasReadToWhenNobodyIsOnTheWayThere) {
  log_.records.resize(5);  // nobody was told yet
  EXPECT_EQ(LookAt(5, *second_), "nothing");
  EXPECT_EQ(LookAt(0, *first_), "behind");
  Append();
  EXPECT_EQ(LookAt(5, *second_), "5-6");
}

TEST_F(FeedTest, OneThatHasReadFurtherIsFollowedWhenOthersWait) {
  EXPECT_EQ(LookAt(0, *first_), "nothing");
  log_.records.resize(5);
  EXPECT_EQ(LookAt(5, *second_), "nothing");
  EXPECT_EQ(LookAt(0, *first_), "0-5");
}

TEST_F(FeedTest, WhatSomebodyHasNotTakenIsKeptWithinBounds) {
  log_.value = std::string(60 << 10, 'v');
  EXPECT_EQ(LookAt(0, *second_), "nothing");
  for (std::uint64_t next = 0; next < 40; ++next) {
    EXPECT_EQ(LookAt(next, *first_), "nothing");
    Append();
  }
  EXPECT_EQ(LookAt(0, *second_), "behind");
  EXPECT_EQ(LookAt(39, *second_), "39-40");
  EXPECT_LE(*kept_, 1U << 20);
  EXPECT_GT(*kept_, 512U << 10);
}

TEST_F(FeedTest, WhatAllHaveTakenIsKeptNoLonger) {
  EXPECT_EQ(LookAt(0, *first_), "nothing");
  EXPECT_EQ(LookAt(0, *second_), "nothing");
  Append();
  EXPECT_GT(*kept_, 0U);
  EXPECT_EQ(LookAt(1, *first_), "nothing");
  EXPECT_GT(*kept_, 0U);
  EXPECT_EQ(LookAt(1, *second_), "nothing");
  EXPECT_EQ(*kept_, 0U);
}

TEST_F(FeedTest, WhenAllFeedsKeepMuchEachKeepsTheNewestAlone) {
  *kept_ += 64 << 20;
  EXPECT_EQ(LookAt(0, *second_), "nothing");
  for (std::uint64_t next = 0; next < 3; ++next) {
    EXPECT_EQ(LookAt(next, *first_), "nothing");
    Append();
  }
  EXPECT_EQ(LookAt(1, *second_), "behind");
  EXPECT_EQ(LookAt(2, *second_), "2-3");
}

TEST_F(FeedTest, ARecordThatCannotBeReadIsForItsFollowersToSee) {
  EXPECT_EQ(LookAt(0, *first_), "nothing");
  log_.records.push_back({1, {}, true});
  log_.watches().Tell();
  wakes_.RunAll();
  EXPECT_EQ(wakes_.counts[1], 1);
  EXPECT_EQ(LookAt(0, *first_), "behind");
  log_.records[0].lost = false;
  feed_->NoteReadable();
  log_.watches().Tell();
  EXPECT_EQ(LookAt(0, *first_), "nothing");
  EXPECT_EQ(LookAt(0, *first_), "0-1");
}

TEST_F(FeedTest, AFeedOfItsOwnForEachEncodingAndWhileSomebodyFollows) {
  Feeds feeds;
  const auto log = log_.Lent();
  const auto feed = feeds.Join(log, ValueEncoding::kText, Offset(0));
  EXPECT_EQ(feeds.Join(log, ValueEncoding::kText, Offset(0)), feed);
  EXPECT_NE(feeds.Join(log, ValueEncoding::kJson, Offset(0)), feed);
}

}  // namespace
}  // namespace daybook::api
