// Clock is where the wall time of records comes from, so that a test can set it. Thread-safe.
#pragma once

#include <atomic>

#include "base/types.h"

namespace daybook {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;

  // The machine's own; lives for ever.
  static const Clock& System();
};

// Stands still until it is moved, also backwards, as an operator's clock may.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_ms_(start.milliseconds) {}
  Timestamp Now() const override { return Timestamp(now_ms_.load()); }
  void Set(Timestamp now) { now_ms_.store(now.milliseconds); }

 private:
  std::atomic<std::int64_t> now_ms_;
};

}  // namespace daybook
