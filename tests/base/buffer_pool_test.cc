#include "base/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace daybook {
namespace {

TEST(BufferPool, GivesTheBufferAgainThatCameBackLast) {
  BufferPool pool(1 << 20, 2);
  std::shared_ptr<char[]> first = pool.Get();
  std::shared_ptr<char[]> second = pool.Get();
  EXPECT_NE(first.get(), second.get());
  std::memset(second.get(), 'x', pool.buffer_bytes());
  const char* const last = second.get();
  first.reset();
  second.reset();
  EXPECT_EQ(pool.Get().get(), last);
}

TEST(BufferPool, KeepsNoMoreThanItMay) {
  BufferPool pool(4096, 2);
  std::vector<std::shared_ptr<char[]>> buffers;
  for (int i = 0; i < 5; ++i) buffers.push_back(pool.Get());
  EXPECT_EQ(pool.kept(), 0U);
  buffers.clear();
  EXPECT_EQ(pool.kept(), 2U);
}

TEST(BufferPool, ABufferHasOneOwnerAtATime) {
  BufferPool pool(4096, 3);
  const auto use = [&pool](char mark) {
    for (int i = 0; i < 2000; ++i) {
      const std::shared_ptr<char[]> buffer = pool.Get();
      std::memset(buffer.get(), mark, pool.buffer_bytes());
      for (std::size_t at = 0; at < pool.buffer_bytes(); ++at) ASSERT_EQ(buffer[at], mark);
    }
  };
  std::thread other(use, 'a');
  use('b');
  other.join();
}

}  // namespace
}  // namespace daybook
