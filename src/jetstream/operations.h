// Operations counts what was begun and is not over, so that a store can wait for all of it.
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "base/mutex.h"

namespace daybook::jetstream {

class Operations {
 public:
  // Whoever holds one is under way.
  using Token = std::shared_ptr<void>;

  Token Begin() {
    const MutexLock lock(mutex_);
    ++under_way_;
    return {this, [](void* operations) { static_cast<Operations*>(operations)->End(); }};
  }

  void AwaitNone() {
    const MutexLock lock(mutex_);
    while (under_way_ != 0) none_.Wait(mutex_);
  }

 private:
  void End() {
    const MutexLock lock(mutex_);
    if (--under_way_ == 0) none_.NotifyAll();
  }

  Mutex mutex_;
  CondVar none_;
  std::uint64_t under_way_ GUARDED_BY(mutex_) = 0;
};

}  // namespace daybook::jetstream
