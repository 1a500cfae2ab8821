#include "jetstream/publish_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace daybook::jetstream {
namespace {

class PublishWindowTest : public testing::Test {
 protected:
  PublishWindow::Task Task(char name) {
    return [this, name] { ran_.push_back(name); };
  }

  PublishWindow window_{10, 100, 3};
  std::string ran_;
};

TEST_F(PublishWindowTest, WhatHasRoomRunsAtOnce) {
  EXPECT_TRUE(window_.Enter(4, 1, Task('a')));
  EXPECT_TRUE(window_.Enter(6, 1, Task('b')));
  EXPECT_EQ(ran_, "ab");
  EXPECT_EQ(window_.messages(), 10U);
}

TEST_F(PublishWindowTest, TheRestWaitsItsTurnAlsoWhereItWouldFit) {
  window_.Enter(10, 1, Task('a'));
  window_.Enter(5, 1, Task('b'));
  window_.Enter(1, 1, Task('c'));
  EXPECT_EQ(ran_, "a");
  EXPECT_EQ(window_.waiting(), 2U);
  window_.Leave(10, 1);
  EXPECT_EQ(ran_, "abc");
  window_.Enter(1, 95, Task('d'));  // 97 bytes
  window_.Enter(1, 4, Task('e'));
  EXPECT_EQ(ran_, "abcd");
  window_.Leave(5, 1);
  EXPECT_EQ(ran_, "abcde");
}

TEST_F(PublishWindowTest, OneThatIsLargerThanAllGoesAlone) {
  window_.Enter(1, 1, Task('a'));
  window_.Enter(50, 1'000, Task('b'));
  EXPECT_EQ(ran_, "a");
  window_.Leave(1, 1);
  EXPECT_EQ(ran_, "ab");
}

TEST_F(PublishWindowTest, MoreThanMayWaitAreRefused) {
  window_.Enter(10, 1, Task('a'));
  for (const char name : {'b', 'c', 'd'}) EXPECT_TRUE(window_.Enter(1, 1, Task(name)));
  EXPECT_FALSE(window_.Enter(1, 1, Task('e')));
  window_.Leave(10, 1);
  EXPECT_EQ(ran_, "abcd");
}

TEST_F(PublishWindowTest, ManyThatLeaveAtOnceNestNoCalls) {
  PublishWindow window(1, 1, 100'000);
  int ran = 0;
  int depth = 0;
  int deepest = 0;
  window.Enter(1, 1, [] {});
  for (int i = 0; i < 100'000; ++i) {
    window.Enter(1, 1, [&] {
      deepest = std::max(deepest, ++depth);
      ++ran;
      window.Leave(1, 1);
      --depth;
    });
  }
  window.Leave(1, 1);
  EXPECT_EQ(ran, 100'000);
  EXPECT_EQ(deepest, 1);
}

}  // namespace
}  // namespace daybook::jetstream
