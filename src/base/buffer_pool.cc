#include "base/buffer_pool.h"

#include <sys/mman.h>

#include <new>

namespace daybook {
namespace {

// Straight from the kernel: among an allocator's other memory, a buffer that is kept would keep
// what was freed below it, too.
char* Map(std::size_t bytes) {
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

}  // namespace

BufferPool::~BufferPool() {
  for (char* const buffer : kept_) munmap(buffer, buffer_bytes_);
}

std::shared_ptr<char[]> BufferPool::Get() {
  char* buffer = nullptr;
  {
    const MutexLock lock(mutex_);
    if (!kept_.empty()) {
      buffer = kept_.back();
      kept_.pop_back();
    }
  }
  if (buffer == nullptr) buffer = Map(buffer_bytes_);
  return {buffer, [this](char* back) { TakeBack(back); }};
}

void BufferPool::TakeBack(char* buffer) {
  {
    const MutexLock lock(mutex_);
    if (kept_.size() < kept_max_) {
      kept_.push_back(buffer);
      return;
    }
  }
  munmap(buffer, buffer_bytes_);
}

std::size_t BufferPool::kept() const {
  const MutexLock lock(mutex_);
  return kept_.size();
}

}  // namespace daybook
