#include "base/turn.h"

#include <gtest/gtest.h>

#include <thread>

namespace daybook {
namespace {

class CountingWork : public TurnWork {
 public:
  void OnTurnEnd() override {
    ++count;
    if (again > 0) {
      --again;
      Turn::PutOff(*this);
    }
  }

  int count = 0;
  int again = 0;
};

TEST(TurnTest, WhatIsPutOffIsDoneOnceAtTheEnd) {
  CountingWork work;
  {
    Turn turn;
    EXPECT_TRUE(Turn::PutOff(work));
    EXPECT_TRUE(Turn::PutOff(work));
    EXPECT_EQ(work.count, 0);
  }
  EXPECT_EQ(work.count, 1);
}

TEST(TurnTest, FinishDoesItAndTheTurnGoesOn) {
  CountingWork work;
  Turn turn;
  EXPECT_TRUE(Turn::PutOff(work));
  turn.Finish();
  EXPECT_EQ(work.count, 1);
  EXPECT_TRUE(Turn::PutOff(work));
  turn.Finish();
  turn.Finish();
  EXPECT_EQ(work.count, 2);
}

TEST(TurnTest, WhatIsPutOffAtTheEndIsDoneToo) {
  CountingWork work;
  work.again = 2;
  Turn turn;
  EXPECT_TRUE(Turn::PutOff(work));
  turn.Finish();
  EXPECT_EQ(work.count, 3);
}

TEST(TurnTest, OutsideATurnNothingIsPutOff) {
  CountingWork work;
  EXPECT_FALSE(Turn::PutOff(work));
  Turn turn;
  std::thread([&] { EXPECT_FALSE(Turn::PutOff(work)); }).join();
  turn.Finish();
  EXPECT_EQ(work.count, 0);
}

}  // namespace
}  // namespace daybook
