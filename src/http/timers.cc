#include "http/timers.h"

#include <algorithm>

namespace daybook::http {

Timers::Timers(const Limits& limits)
    : durations_{limits.idle_timeout,  limits.header_timeout, limits.body_timeout,
                 limits.write_timeout, limits.linger_timeout, limits.spare_timeout,
                 limits.quiet_time} {
  const auto shortest = *std::min_element(durations_.begin(), durations_.end());
  period_ = std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

void Timers::Start(Timer& timer, TimerKind kind, SteadyTime now) {
  Stop(timer);
  const auto index = static_cast<std::size_t>(kind);
  timer.kind_ = kind;
  timer.expires_ = now + durations_[index];
  lists_[index].push_back(timer);
}

void Timers::Stop(Timer& timer) { timer.unlink(); }

Timer* Timers::TakeExpired(SteadyTime now) {
  for (List& list : lists_) {
    if (list.empty() || list.front().expires_ > now) continue;
    Timer& expired = list.front();
    list.pop_front();
    return &expired;
  }
  return nullptr;
}

void Timers::Set(Alarm& alarm, SteadyTime rings) {
  alarm.rings_ = rings;
  alarms_.insert(alarm);
}

void Timers::Stop(Alarm& alarm) { alarm.unlink(); }

Alarm* Timers::TakeDue(SteadyTime now) {
  if (next_alarm() > now) return nullptr;
  Alarm& due = *alarms_.begin();
  due.unlink();
  return &due;
}

SteadyTime Timers::next_alarm() const {
  return alarms_.empty() ? SteadyTime::max() : alarms_.begin()->rings_;
}

}  // namespace daybook::http
