// A mutex whose use clang checks at compile time (-Wthread-safety): a field marked
// GUARDED_BY(mutex_) can only be touched where the compiler sees mutex_ held. g++ ignores the
// marks.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>

#if defined(__clang__)
#define DAYBOOK_ANNOTATION(x) __attribute__((x))
#else
#define DAYBOOK_ANNOTATION(x)
#endif

#define CAPABILITY(x) DAYBOOK_ANNOTATION(capability(x))
#define SCOPED_CAPABILITY DAYBOOK_ANNOTATION(scoped_lockable)
#define GUARDED_BY(x) DAYBOOK_ANNOTATION(guarded_by(x))
#define EXCLUSIVE_LOCKS_REQUIRED(...) DAYBOOK_ANNOTATION(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) DAYBOOK_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...) DAYBOOK_ANNOTATION(release_capability(__VA_ARGS__))
#define EXCLUDES(...) DAYBOOK_ANNOTATION(locks_excluded(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS DAYBOOK_ANNOTATION(no_thread_safety_analysis)

namespace daybook {

class CAPABILITY("mutex") Mutex {
 public:
  // Who finds one held that is `kBriefly` so, for less than two system calls take, looks a few
  // times more before sleeping.
  enum class Held : std::uint8_t { kForAnyTime, kBriefly };

  Mutex() = default;
  explicit Mutex(Held held) {
    if (held == Held::kBriefly) *mutex_.native_handle() = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
  }
  void Lock() ACQUIRE() { mutex_.lock(); }
  void Unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits with a Mutex held. As with any condition variable the caller asks for its condition again
// after each return.
class CondVar {
 public:
  void Wait(Mutex& mutex) EXCLUSIVE_LOCKS_REQUIRED(mutex) NO_THREAD_SAFETY_ANALYSIS {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Returns false when `deadline` passed first.
  template <typename TimePoint>
  bool WaitUntil(Mutex& mutex, const TimePoint& deadline)
      EXCLUSIVE_LOCKS_REQUIRED(mutex) NO_THREAD_SAFETY_ANALYSIS {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool in_time = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace daybook
