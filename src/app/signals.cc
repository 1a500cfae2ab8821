#include "app/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <string_view>

namespace daybook::app {
namespace {

void EndAtOnce(int signal) { ::_exit(128 + signal); }

// Async-signal-safe. The default action, which is back, follows when this returns.
void NameSignal(int signal) {
  const std::string_view name = signal == SIGSEGV  ? "SIGSEGV"
                                : signal == SIGBUS ? "SIGBUS"
                                : signal == SIGFPE ? "SIGFPE"
                                                   : "SIGILL";
  (void)!::write(STDERR_FILENO, "daybook: ended by ", 18);
  (void)!::write(STDERR_FILENO, name.data(), name.size());
  (void)!::write(STDERR_FILENO, "\n", 1);
  ::raise(signal);
}

}  // namespace

// SIGTERM and SIGINT have a handler because the kernel never takes the default action on a
// container's first process.
Signals::Signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, EndAtOnce);
  std::signal(SIGINT, EndAtOnce);
  sigemptyset(&all_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&all_, signal);
  pthread_sigmask(SIG_BLOCK, &all_, nullptr);
}

int Signals::Wait() const {
  int signal = 0;
  sigwait(&all_, &signal);
  return signal;
}

void Signals::LetStopEndAtOnce() const {
  sigset_t stop = all_;
  sigdelset(&stop, SIGHUP);
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
}

void NameFatalSignals() {
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    struct sigaction current {};
    ::sigaction(signal, nullptr, &current);
    if (current.sa_handler != SIG_DFL) continue;  // a sanitizer's, say
    current.sa_handler = NameSignal;
    current.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(signal, &current, nullptr);
  }
}

}  // namespace daybook::app
