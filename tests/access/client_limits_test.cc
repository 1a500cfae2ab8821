#include "access/client_limits.h"

#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace daybook::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Refusal = ClientLimits::Refusal;

class ClientLimitsTest : public testing::Test {
 protected:
  ClientLimits& Make(const ClientLimitsOptions& options) { return made_.emplace_back(options); }
  // How many of `count` requests at one moment are taken.
  int Take(ClientLimits& limits, int count, const std::string& client = "a") {
    int taken = 0;
    for (int i = 0; i < count; ++i) {
      ClientLimits::Taken result = limits.Take(client, now_);
      if (auto* slot = std::get_if<std::unique_ptr<ClientLimits::Slot>>(&result)) {
        ++taken;
        slots_.push_back(std::move(*slot));
      } else {
        last_ = std::get<Refusal>(result);
      }
    }
    return taken;
  }

  ClientLimits::Clock::time_point now_ = ClientLimits::Clock::time_point(seconds(1'000));
  std::list<ClientLimits> made_;
  std::vector<std::unique_ptr<ClientLimits::Slot>> slots_;
  Refusal last_{};
};

TEST_F(ClientLimitsTest, WithoutALimitEverythingIsTaken) {
  ClientLimits& limits = Make({});
  EXPECT_FALSE(limits.any());
  EXPECT_EQ(Take(limits, 1'000), 1'000);
  EXPECT_EQ(limits.clients(), 0U);
}

TEST_F(ClientLimitsTest, TakesABurstAndThenTheRate) {
  ClientLimits& limits = Make({.rate = 10, .burst = 5});
  EXPECT_EQ(Take(limits, 100), 5);
  EXPECT_EQ(last_.why, Refusal::Why::kRate);
  EXPECT_EQ(last_.retry_after, seconds(1));
  now_ += milliseconds(99);
  EXPECT_EQ(Take(limits, 1), 0);
  now_ += milliseconds(1);
  EXPECT_EQ(Take(limits, 2), 1);
  now_ += seconds(60);
  EXPECT_EQ(Take(limits, 100), 5);
  int taken = 0;
  for (int i = 0; i < 1'000; ++i) {
    now_ += milliseconds(10);
    taken += Take(limits, 3);
  }
  EXPECT_EQ(taken, 100);  // of 10 seconds
}

TEST_F(ClientLimitsTest, TheUsualBurstIsASecondsRequests) {
  ClientLimits& limits = Make({.rate = 7});
  EXPECT_EQ(Take(limits, 100), 7);
  ClientLimits& slow = Make({.rate = 1, .burst = 3});
  EXPECT_EQ(Take(slow, 100), 3);
  ClientLimits& fast = Make({.rate = 1'000'000});
  EXPECT_EQ(Take(fast, 1'000), 1'000);
}

TEST_F(ClientLimitsTest, ClientsDoNotCountForOneAnother) {
  ClientLimits& limits = Make({.rate = 2, .requests_max = 2});
  EXPECT_EQ(Take(limits, 3, "a"), 2);
  EXPECT_EQ(Take(limits, 3, "b"), 2);
}

TEST_F(ClientLimitsTest, ARequestThatIsOverMakesRoom) {
  ClientLimits& limits = Make({.requests_max = 3});
  EXPECT_EQ(Take(limits, 5), 3);
  EXPECT_EQ(last_.why, Refusal::Why::kRequests);
  EXPECT_EQ(last_.retry_after, seconds(1));
  slots_.pop_back();
  EXPECT_EQ(Take(limits, 5), 1);
  slots_.clear();
  EXPECT_EQ(Take(limits, 5), 3);
}

TEST_F(ClientLimitsTest, ARefusalForRequestsUnderWayTakesNothingOfTheRate) {
  ClientLimits& limits = Make({.rate = 10, .burst = 2, .requests_max = 1});
  EXPECT_EQ(Take(limits, 50), 1);
  slots_.clear();
  EXPECT_EQ(Take(limits, 1), 1);
}

TEST_F(ClientLimitsTest, WhoAsksNoMoreIsForgotten) {
  ClientLimits& limits = Make({.rate = 1});
  for (int i = 0; i < 20'000; ++i) {
    now_ += milliseconds(10);
    ASSERT_EQ(Take(limits, 1, std::to_string(i)), 1);
  }
  EXPECT_LT(limits.clients(), 5'000U);
}

TEST_F(ClientLimitsTest, WhoIsOneTooManyToBeToldApartSharesWithOthersLikeIt) {
  ClientLimits& limits = Make({.rate = 2, .requests_max = 2, .clients_max = 160});
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) taken += Take(limits, 1, std::to_string(i));
  EXPECT_LE(limits.clients(), 16U * 11);
  EXPECT_LE(taken, 16 * (10 + 2));
  slots_.clear();
  now_ += seconds(10);
  EXPECT_EQ(Take(limits, 3, "late"), 2);
  EXPECT_EQ(Take(limits, 3, "0"), 2);
}

}  // namespace
}  // namespace daybook::access
