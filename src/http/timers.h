// Timers of the connections of one worker. Each connection has at most one running; its kind says
// what it bounds.
//
// A kind's duration never changes, so its timers expire in the order in which they were started: a
// list a kind, to whose end a started timer goes, makes starting, stopping and looking for the next
// expiry constant-time. Used on one thread.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "http/limits.h"

namespace daybook::http {

using SteadyTime = std::chrono::steady_clock::time_point;

enum class TimerKind : std::uint8_t { kIdle, kHeader, kBody, kWrite, kLinger, kSpare };

// A connection's timer. Stops itself when it is destroyed.
class Timer : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  explicit Timer(int fd) : fd_(fd) {}
  bool running() const { return is_linked(); }
  TimerKind kind() const { return kind_; }
  int fd() const { return fd_; }

 private:
  friend class Timers;
  int fd_;
  TimerKind kind_ = TimerKind::kIdle;
  SteadyTime expires_;
};

class Timers {
 public:
  explicit Timers(const Limits& limits);

  // Starts `timer`, anew if it is running.
  void Start(Timer& timer, TimerKind kind, SteadyTime now);
  static void Stop(Timer& timer);

  // Stops one timer that has expired by `now` and returns it; null when there is none.
  Timer* TakeExpired(SteadyTime now);

  // How often to look for expired timers, so that none is found late by more than a quarter of its
  // duration.
  std::chrono::milliseconds period() const { return period_; }

 private:
  using List = boost::intrusive::list<Timer, boost::intrusive::constant_time_size<false>>;
  static constexpr std::size_t kKinds = 6;

  std::array<std::chrono::milliseconds, kKinds> durations_;
  std::array<List, kKinds> lists_;
  std::chrono::milliseconds period_;
};

}  // namespace daybook::http
