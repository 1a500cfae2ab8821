// Gate lets one thread through at a time, as a mutex does; who has something better to do than to
// wait tries.
#pragma once

#include <mutex>

#include "base/mutex.h"

namespace daybook::jetstream {

class CAPABILITY("mutex") Gate {
 public:
  void Lock() ACQUIRE() { mutex_.lock(); }
  // False: somebody is in it.
  bool TryLock() DAYBOOK_ANNOTATION(try_acquire_capability(true)) { return mutex_.try_lock(); }
  void Unlock() RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class SCOPED_CAPABILITY GateLock {
 public:
  explicit GateLock(Gate& gate) ACQUIRE(gate) : gate_(gate) { gate_.Lock(); }
  ~GateLock() RELEASE() { gate_.Unlock(); }
  GateLock(const GateLock&) = delete;
  GateLock& operator=(const GateLock&) = delete;

 private:
  Gate& gate_;
};

}  // namespace daybook::jetstream
