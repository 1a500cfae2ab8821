#include "base/unique_function.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace daybook {
namespace {

TEST(UniqueFunction, HoldsWhatCannotBeCopiedSmallAndLarge) {
  auto owned = std::make_unique<int>(4);
  UniqueFunction<int(int)> small([owned = std::move(owned)](int x) { return *owned + x; });
  std::array<long, 20> many{};
  many[19] = 3;
  UniqueFunction<long()> large(
      [many, owned = std::make_unique<int>(1)] { return many[19] + *owned; });
  UniqueFunction<int(int)> moved(std::move(small));
  EXPECT_FALSE(static_cast<bool>(small));  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved(1), 5);
  EXPECT_EQ(large(), 4);
}

TEST(UniqueFunction, DestroysWhatItHoldsOnce) {
  auto shared = std::make_shared<int>(0);
  {
    UniqueFunction<void()> first([shared] {});
    UniqueFunction<void()> second(std::move(first));
    first = std::move(second);
    EXPECT_EQ(shared.use_count(), 2);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

}  // namespace
}  // namespace daybook
