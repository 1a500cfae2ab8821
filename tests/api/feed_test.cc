#include "api/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "api/fake_log.h"

namespace daybook::api {
namespace {

using testing::HasSubstr;

// Counts how often each member is woken.
class Wakes : public http::WakeSink {
 public:
  void Wake(const http::ExchangeId& id) override { ++counts[id.fd]; }
  std::map<int, int> counts;
};

class FeedTest : public testing::Test {
 protected:
  ~FeedTest() override {
    for (Feed::Member* member : {&first_, &second_}) feed_->Leave(*member);
  }

  void Append(std::size_t records = 1) {
    for (std::size_t i = 0; i < records; ++i) log_.records.push_back({1, {}, false});
    log_.watches().Tell();
  }
  // What there is for a member at that offset: the offsets of a block, or a word.
  std::string LookAt(std::uint64_t offset, Feed::Member& member) {
    const Feed::Look look = feed_->LookAt(Offset(offset), member);
    if (!look.ended.ok()) return "ended";
    if (look.is_behind) return "behind";
    if (look.block == nullptr) return "nothing";
    return std::to_string(look.block->from.value) + "-" + std::to_string(look.block->next.value);
  }

  FakeLog log_;
  Wakes wakes_;
  Feed::Member first_{http::Waker(wakes_, {1, 1, 1})};
  Feed::Member second_{http::Waker(wakes_, {2, 1, 1})};
  std::shared_ptr<Feed> feed_ =
      std::make_shared<Feed>(log_.Lent(), ValueEncoding::kBase64, Offset(0));
};

TEST_F(FeedTest, OneMemberIsWokenToReadAndTheOthersToTake) {
  EXPECT_EQ(LookAt(0, first_), "nothing");
  EXPECT_EQ(LookAt(0, second_), "nothing");
  Append();
  EXPECT_EQ(wakes_.counts, (std::map<int, int>{{1, 1}}));
  Append();
  EXPECT_EQ(wakes_.counts[1] + wakes_.counts[2], 2);  // who may be slow, or has gone
  log_.page_sizes.clear();
  EXPECT_EQ(LookAt(0, first_), "0-2");
  EXPECT_EQ(LookAt(0, second_), "0-2");
  EXPECT_EQ(log_.page_sizes.size(), 1U);
}

TEST_F(FeedTest, WhoWaitsIsWokenWhenAnotherHasRead) {
  EXPECT_EQ(LookAt(0, first_), "nothing");
  EXPECT_EQ(LookAt(0, second_), "nothing");
  Append();
  EXPECT_EQ(wakes_.counts[2], 0);
  EXPECT_EQ(LookAt(0, first_), "0-1");
  EXPECT_EQ(wakes_.counts[2], 1);
}

TEST_F(FeedTest, TheDutyToReadOfOneThatLeavesIsAnothers) {
  EXPECT_EQ(LookAt(0, first_), "nothing");
  EXPECT_EQ(LookAt(0, second_), "nothing");
  Append();
  feed_->Leave(first_);
  EXPECT_EQ(wakes_.counts[2], 1);
}

TEST_F(FeedTest, AnAnswerThatComesLaterWakesWhoWaits) {
  EXPECT_EQ(LookAt(0, first_), "nothing");
  Append();
  log_.answers_later = true;
  EXPECT_EQ(LookAt(0, first_), "nothing");
  Append();  // while it is read
  const int before = wakes_.counts[1];
  log_.AnswerAll();
  EXPECT_EQ(wakes_.counts[1], before + 1);
  log_.answers_later = false;
  EXPECT_EQ(LookAt(0, first_), "0-1");
  EXPECT_EQ(LookAt(1, first_), "1-2");
}

TEST_F(FeedTest, OneBehindReadsForItself) {
  Append(3);
  feed_ = std::make_shared<Feed>(log_.Lent(), ValueEncoding::kBase64, Offset(3));
  EXPECT_EQ(LookAt(2, first_), "behind");
  EXPECT_EQ(LookAt(3, first_), "nothing");
  Append();
  EXPECT_EQ(LookAt(3, first_), "3-4");
}

TEST_F(FeedTest, OneThatHasReadFurtherIsFollowed) {
  EXPECT_EQ(LookAt(0, first_), "nothing");
  log_.records.resize(5);  // nobody was told yet
  EXPECT_EQ(LookAt(5, second_), "nothing");
  EXPECT_EQ(LookAt(0, first_), "0-5");
}

TEST_F(FeedTest, OneThatIsFarAheadIsWhereItBegins) {
  log_.records.resize(50'000);
  EXPECT_EQ(LookAt(50'000, first_), "nothing");
  EXPECT_EQ(LookAt(0, second_), "behind");
  Append();
  EXPECT_EQ(LookAt(50'000, first_), "50000-50001");
}

TEST_F(FeedTest, WhatIsKeptIsBounded) {
  log_.value = std::string(60 << 10, 'v');
  Append(40);
  for (std::uint64_t next = 0; next < 40; ++next) EXPECT_NE(LookAt(next, first_), "nothing");
  EXPECT_EQ(LookAt(0, second_), "behind");
  EXPECT_EQ(LookAt(39, second_), "39-40");
}

TEST_F(FeedTest, ARecordThatCannotBeReadIsForItsFollowersToSee) {
  log_.records.push_back({1, {}, true});
  log_.watches().Tell();
  EXPECT_EQ(LookAt(0, first_), "behind");
  log_.records[0].lost = false;
  feed_->NoteReadable();
  log_.watches().Tell();
  EXPECT_EQ(LookAt(0, first_), "0-1");
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
