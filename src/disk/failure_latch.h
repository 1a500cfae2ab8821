// FailureLatch holds what a store failed with: after a failed write or sync nothing is known of
// what was to be on the disk, so nothing is acknowledged again by any of its logs ("poison").
//
// Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "base/mutex.h"
#include "base/status.h"

namespace daybook::disk {

class FailureLatch {
 public:
  // `on_failure` is called once, on the thread that failed.
  explicit FailureLatch(std::function<void(const Status&)> on_failure)
      : on_failure_(std::move(on_failure)) {}

  // The first failure is the one that counts.
  void Set(const Status& status) {
    {
      const MutexLock lock(mutex_);
      if (!status_.ok()) return;
      status_ = status;
      failed_ = true;
    }
    on_failure_(status);
  }

  bool failed() const { return failed_; }
  // OK, or why nothing more is acknowledged: kUnavailable.
  Status Serving() const {
    if (!failed_) return {};
    const MutexLock lock(mutex_);
    return {StatusCode::kUnavailable, "the log has failed: " + status_.message()};
  }

 private:
  const std::function<void(const Status&)> on_failure_;
  std::atomic<bool> failed_{false};
  mutable Mutex mutex_;
  Status status_ GUARDED_BY(mutex_);
};

}  // namespace daybook::disk
