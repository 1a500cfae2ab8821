#include "jetstream/request_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

const Request::Clock::time_point kNow = Request::Clock::now();

RequestPtr Made(const std::string& data, milliseconds until_deadline = milliseconds(1'000),
                const void* group = nullptr) {
  auto request = std::make_unique<Request>();
  request->message = {"subject", {}, data};
  request->deadline = kNow + until_deadline;
  request->group = group;
  return request;
}

std::string Taken(RequestTable& table, std::size_t bytes_max, std::deque<Unsent>& unsent) {
  unsent.clear();
  table.TakeUnsent(bytes_max, unsent);
  std::string text;
  for (const Unsent& each : unsent) text += each.message.data;
  return text;
}

TEST(RequestTable, GivesInTheirOrderWhatWasAdded) {
  RequestTable table;
  std::deque<Unsent> unsent;
  EXPECT_FALSE(table.has_unsent());
  for (const char* const data : {"a", "b", "c", "d"}) EXPECT_EQ(table.Add(Made(data)), nullptr);
  EXPECT_TRUE(table.has_unsent());
  EXPECT_EQ(Taken(table, 1, unsent), "a");
  EXPECT_EQ(table.Add(Made("e")), nullptr);
  EXPECT_EQ(Taken(table, 1'000, unsent), "bcde");
  EXPECT_FALSE(table.has_unsent());
}

TEST(RequestTable, ATokenNamesOneRequestWhoeverHadThePlaceBefore) {
  RequestTable table;
  std::deque<Unsent> unsent;
  std::set<std::uint64_t> tokens;
  for (int i = 0; i < 100; ++i) {
    (void)table.Add(Made("a"));
    ASSERT_EQ(Taken(table, 1, unsent), "a");
    const std::uint64_t token = unsent.front().token;
    EXPECT_TRUE(tokens.insert(token).second);
    EXPECT_NE(table.Take(token), nullptr);
    table.Done(token);
    EXPECT_EQ(table.Take(token), nullptr);
  }
}

TEST(RequestTable, ARequestThatIsPutBackIsThereForTheNextAnswer) {
  RequestTable table;
  std::deque<Unsent> unsent;
  (void)table.Add(Made("a"));
  (void)Taken(table, 1, unsent);
  const std::uint64_t token = unsent.front().token;
  RequestPtr request = table.Take(token);
  (void)table.Add(Made("b"));
  (void)Taken(table, 1, unsent);  // which gets no place that is kept
  EXPECT_NE(unsent.front().token, token);
  EXPECT_EQ(table.PutBack(std::move(request)), nullptr);
  EXPECT_NE(table.Take(token), nullptr);
}

TEST(RequestTable, GivesUpWhatIsLateWhetherItWasSentOrNot) {
  RequestTable table;
  std::deque<Unsent> unsent;
  (void)table.Add(Made("sent", milliseconds(10)));
  (void)Taken(table, 1, unsent);
  (void)table.Add(Made("unsent", milliseconds(10)));
  (void)table.Add(Made("later", milliseconds(20)));
  EXPECT_TRUE(table.TakeLate(kNow + milliseconds(9)).empty());
  const auto late = table.TakeLate(kNow + milliseconds(10));
  ASSERT_EQ(late.size(), 2U);
  EXPECT_TRUE(late[0]->sent);
  EXPECT_FALSE(late[1]->sent);
  EXPECT_EQ(Taken(table, 1'000, unsent), "later");
}

TEST(RequestTable, HurriesAGroupAndWhatWasSent) {
  RequestTable table;
  std::deque<Unsent> unsent;
  const int group = 0;
  (void)table.Add(Made("sent"));
  (void)Taken(table, 1, unsent);
  (void)table.Add(Made("of the group", milliseconds(1'000), &group));
  (void)table.Add(Made("other"));
  table.HurryGroup(&group, kNow + milliseconds(5));
  EXPECT_EQ(table.TakeLate(kNow + milliseconds(5)).size(), 1U);
  table.HurrySent(kNow + milliseconds(5));
  EXPECT_EQ(table.TakeLate(kNow + milliseconds(5)).size(), 1U);
  EXPECT_EQ(table.TakeAllUnsent().size(), 1U);
}

TEST(RequestTable, GivesBackAllWhenItIsClosedAndWhatIsAddedLater) {
  RequestTable table;
  std::deque<Unsent> unsent;
  (void)table.Add(Made("answered now"));
  (void)table.Add(Made("sent"));
  (void)Taken(table, 1'000, unsent);
  RequestPtr answered = table.Take(unsent.front().token);
  (void)table.Add(Made("unsent"));
  EXPECT_EQ(table.Close().size(), 2U);
  EXPECT_NE(table.PutBack(std::move(answered)), nullptr);
  EXPECT_NE(table.Add(Made("late")), nullptr);
  EXPECT_TRUE(table.Close().empty());
  EXPECT_TRUE(table.TakeLate(kNow + milliseconds(5'000)).empty());
}

TEST(RequestTable, LosesNothingThatSeveralAddWhileItIsTakenAndClosed) {
  for (int round = 0; round < 20; ++round) {
    RequestTable table;
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1'000; ++j) refused += table.Add(Made("a")) == nullptr ? 0 : 1;
      });
    }
    std::deque<Unsent> unsent;
    for (int i = 0; i < 50; ++i) table.TakeUnsent(1'000, unsent);
    const std::size_t left = table.Close().size();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(left + static_cast<std::size_t>(refused), 3'000U);
  }
}

}  // namespace
}  // namespace daybook::jetstream
