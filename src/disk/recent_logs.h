// RecentLogs is the ends of logs in the order in which they were used last. Not thread-safe.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "disk/log_appender.h"

namespace daybook::disk {

class RecentLogs {
 public:
  using Clock = std::chrono::steady_clock;

  struct Use {
    std::shared_ptr<LogAppender> log;
    Clock::time_point last;
  };

  // It is the one used last, whether it was there before or not.
  void Add(const std::shared_ptr<LogAppender>& log, Clock::time_point now) {
    const auto [place, added] = places_.try_emplace(log.get());
    if (added) {
      place->second = uses_.insert(uses_.end(), {log, now});
      return;
    }
    place->second->last = now;
    uses_.splice(uses_.end(), uses_, place->second);
  }
  void Remove(const LogAppender& log) {
    const auto place = places_.find(&log);
    if (place == places_.end()) return;
    uses_.erase(place->second);
    places_.erase(place);
  }

  bool empty() const { return uses_.empty(); }
  std::size_t size() const { return places_.size(); }
  // The longest unused first.
  const std::list<Use>& uses() const { return uses_; }

 private:
  std::list<Use> uses_;
  std::unordered_map<const LogAppender*, std::list<Use>::iterator> places_;
};

}  // namespace daybook::disk
