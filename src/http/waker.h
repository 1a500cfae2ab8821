// Waker is how what waits for something has its connection look at it again, from any thread.
#pragma once

#include <cstdint>
#include <utility>

#include "base/unique_function.h"

namespace daybook::http {

// Names one request of one connection of one worker, for ever.
struct ExchangeId {
  int fd = -1;
  std::uint32_t generation = 0;  // of the descriptor's use
  std::uint64_t request = 0;     // counted within the connection
};

class WakeSink {
 public:
  virtual ~WakeSink() = default;
  // Both are thread-safe and run nothing within the call.
  virtual void Wake(const ExchangeId& id) = 0;
  virtual void Post(UniqueFunction<void()> task) = 0;
};

// Of one request. Does nothing when that was answered meanwhile, or its client has gone. Must not
// outlive the Server.
class Waker {
 public:
  Waker() = default;
  Waker(WakeSink& sink, const ExchangeId& id) : sink_(&sink), id_(id) {}

  void Wake() const {
    if (sink_ != nullptr) sink_->Wake(id_);
  }
  // On the thread that the request's connection is on, also when that has gone.
  void Run(UniqueFunction<void()> task) const {
    if (sink_ != nullptr) sink_->Post(std::move(task));
  }

 private:
  WakeSink* sink_ = nullptr;
  ExchangeId id_;
};

}  // namespace daybook::http
