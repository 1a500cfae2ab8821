#include "client/stop_signals.h"

#include <fcntl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "base/check.h"

namespace daybook::client {
namespace {

std::atomic<int> first_signal{0};
int pipe_ends[2] = {-1, -1};
int late_timer = -1;
constexpr itimerspec kLate{{}, {StopSignals::kFinishSeconds, 0}};

// Async-signal-safe.
void Take(int signal) {
  int none = 0;
  if (!first_signal.compare_exchange_strong(none, signal)) ::_exit(128 + signal);
  (void)!::write(pipe_ends[1], "s", 1);
  (void)::timerfd_settime(late_timer, 0, &kLate, nullptr);
}

}  // namespace

StopSignals::StopSignals() {
  CHECK(pipe_ends[0] < 0 && ::pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) == 0, "no pipe for signals");
  late_timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  CHECK(late_timer >= 0, "no timer for signals");
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = Take;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

int StopSignals::descriptor() const { return pipe_ends[0]; }
int StopSignals::late_descriptor() const { return late_timer; }
int StopSignals::first() const { return first_signal; }

}  // namespace daybook::client
