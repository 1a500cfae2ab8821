#include "client/input_lines.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "client/pipe.h"

namespace daybook::client {
namespace {

using Outcome = InputLines::Outcome;

class InputLinesTest : public testing::Test {
 protected:
  void ExpectLine(std::string_view line) {
    const auto next = lines_.Next(true);
    ASSERT_TRUE(next.ok());
    ASSERT_EQ(*next, Outcome::kLine);
    EXPECT_EQ(lines_.line(), line);
  }

  test::Pipe pipe_;
  test::Pipe stop_;
  Waiter waiter_;
  InputLines lines_{pipe_.reader(), waiter_, 10};
};

TEST_F(InputLinesTest, LinesEndWithLfOrCrlfAndTheLastWithOrWithout) {
  pipe_.Write("a\r\n\nb\r\r\nlast\r");
  pipe_.CloseWriter();
  for (const char* line : {"a", "", "b\r", "last"}) ExpectLine(line);
  EXPECT_EQ(lines_.number(), 4U);
  EXPECT_EQ(*lines_.Next(true), Outcome::kEnd);
  EXPECT_EQ(*lines_.Next(false), Outcome::kEnd);
}

TEST_F(InputLinesTest, WhatHasNotComeIsNotWaitedFor) {
  EXPECT_EQ(*lines_.Next(false), Outcome::kNone);
  pipe_.Write("ab");
  EXPECT_EQ(*lines_.Next(false), Outcome::kNone);
  pipe_.Write("c\nd");
  ExpectLine("abc");
  EXPECT_EQ(*lines_.Next(false), Outcome::kNone);
  pipe_.CloseWriter();
  ExpectLine("d");
}

TEST_F(InputLinesTest, AnInterruptionEndsAWait) {
  waiter_.InterruptBy(stop_.reader(), POLLIN);
  stop_.Write("x");
  EXPECT_EQ(*lines_.Next(true), Outcome::kStopped);
}

TEST_F(InputLinesTest, ALineThatIsTooLargeIsNamed) {
  pipe_.Write("1234567890\n12345678901");
  ExpectLine("1234567890");
  EXPECT_EQ(lines_.Next(true).status().code(), StatusCode::kTooLarge);
  EXPECT_EQ(lines_.number(), 2U);
}

TEST_F(InputLinesTest, AllOfItIsAsItIs) {
  pipe_.Write("a\r\n\xFF\n");
  pipe_.CloseWriter();
  std::string bytes;
  EXPECT_EQ(*lines_.All(5, bytes), Outcome::kEnd);
  EXPECT_EQ(bytes, "a\r\n\xFF\n");
}

TEST_F(InputLinesTest, MoreThanThatIsTooLarge) {
  pipe_.Write("123456");
  std::string bytes;
  EXPECT_EQ(lines_.All(5, bytes).status().code(), StatusCode::kTooLarge);
}

}  // namespace
}  // namespace daybook::client
