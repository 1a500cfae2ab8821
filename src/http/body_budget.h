// BodyBudget is the memory that a server's bodies may take together: requests' while they are
// received and handled, answers' while they are sent. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include "http/response.h"

namespace daybook::http {

class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  bool Take(std::size_t bytes);
  void GiveBack(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
};

// What one body has of a BodyBudget, which must outlive it; given back with it. Used on one thread
// at a time.
class BodyShare {
 public:
  explicit BodyShare(BodyBudget& budget) : budget_(&budget) {}
  BodyShare(BodyShare&& other) noexcept
      : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
  BodyShare& operator=(BodyShare&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~BodyShare() { budget_->GiveBack(bytes_); }

  // Makes it `bytes` in all. False: there is no room, and it is as it was.
  [[nodiscard]] bool Resize(std::size_t bytes);
  void Clear() { budget_->GiveBack(std::exchange(bytes_, 0)); }

 private:
  BodyBudget* budget_;
  std::size_t bytes_ = 0;
};

// The answer where a BodyBudget has no room.
Error Overloaded();

}  // namespace daybook::http
