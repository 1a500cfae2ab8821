// Timers of the connections of one worker. Each connection has at most one running; its kind says
// what it bounds. Beside it may be an alarm, for a time that a request says.
//
// A kind's duration never changes, so its timers expire in the order in which they were started: a
// list a kind, to whose end a started timer goes, makes starting, stopping and looking for the next
// expiry constant-time. Alarms are in a tree. Used on one thread.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "http/limits.h"

namespace daybook::http {

using SteadyTime = std::chrono::steady_clock::time_point;

enum class TimerKind : std::uint8_t { kIdle, kHeader, kBody, kWrite, kLinger, kSpare, kQuiet };

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

// A connection's alarm. Stops itself when it is destroyed.
class Alarm : public boost::intrusive::set_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  explicit Alarm(int fd) : fd_(fd) {}
  int fd() const { return fd_; }
  friend bool operator<(const Alarm& a, const Alarm& b) { return a.rings_ < b.rings_; }

 private:
  friend class Timers;
  int fd_;
  SteadyTime rings_;
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

  // `alarm` is not set.
  void Set(Alarm& alarm, SteadyTime rings);
  static void Stop(Alarm& alarm);
  // Stops one alarm that is due by `now` and returns it; null when there is none.
  Alarm* TakeDue(SteadyTime now);
  // When the next is due; SteadyTime::max(): there is none.
  SteadyTime next_alarm() const;

 private:
  using List = boost::intrusive::list<Timer, boost::intrusive::constant_time_size<false>>;
  using Alarms = boost::intrusive::multiset<Alarm, boost::intrusive::constant_time_size<false>>;
  static constexpr std::size_t kKinds = 7;

  std::array<std::chrono::milliseconds, kKinds> durations_;
  std::array<List, kKinds> lists_;
  std::chrono::milliseconds period_;
  Alarms alarms_;
};

}  // namespace daybook::http
