#include "base/status.h"

#include <gtest/gtest.h>

#include <memory>

namespace daybook {
namespace {

TEST(Status, SaysItsCodeMessageAndOffset) {
  const Status status(StatusCode::kTrimmed, "offset 3 was trimmed", Offset(7));
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.ToString(), "trimmed: offset 3 was trimmed");
  EXPECT_EQ(status.offset(), Offset(7));
  EXPECT_EQ(Status().ToString(), "ok");
}

TEST(Result, HoldsAValueOrTheReasonWhyNot) {
  Result<std::unique_ptr<int>> value(std::make_unique<int>(5));
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*std::move(value).value(), 5);
  const Result<int> error(Status(StatusCode::kNotFound, "gone"));
  EXPECT_FALSE(error.ok());
  EXPECT_EQ(error.status().code(), StatusCode::kNotFound);
}

TEST(ResultDeathTest, TheValueOfAnErrorIsABrokenInvariant) {
  const Result<int> error(Status(StatusCode::kNotFound, "gone"));
  EXPECT_DEATH((void)error.value(), "gone");
}

}  // namespace
}  // namespace daybook
