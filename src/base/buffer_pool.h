// BufferPool hands out large buffers and keeps some of those that come back, for what is wanted
// next: memory that is new to the process has to be cleared by the kernel, page by page, which
// takes longer than to read a file into it.
//
// All threads share one. What it keeps is bounded for the process as a whole, where an allocator
// bounds it for each of its arenas. Thread-safe; it must outlive its buffers.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/mutex.h"

namespace daybook {

class BufferPool {
 public:
  // Buffers of `buffer_bytes`, of which at most `kept_max` wait here while nobody has them.
  BufferPool(std::size_t buffer_bytes, std::size_t kept_max)
      : buffer_bytes_(buffer_bytes), kept_max_(kept_max) {
    kept_.reserve(kept_max);  // so that what comes back is taken without allocating
  }
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  std::size_t buffer_bytes() const { return buffer_bytes_; }

  // A buffer whose bytes are anything, which comes back when the last owner lets go of it. The one
  // that came back last is given first: some of it may still be in the CPU's cache.
  std::shared_ptr<char[]> Get();

  std::size_t kept() const;

 private:
  void TakeBack(char* buffer);

  const std::size_t buffer_bytes_;
  const std::size_t kept_max_;

  mutable Mutex mutex_;
  std::vector<char*> kept_ GUARDED_BY(mutex_);
};

}  // namespace daybook
