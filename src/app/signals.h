// The signals that the program lives by: SIGTERM and SIGINT stop it, SIGHUP has it reread its
// configuration.
#pragma once

#include <csignal>

namespace daybook::app {

// Blocks these signals in the thread that makes it and those that are started afterwards, so that
// only Wait() takes them. To be made before any other thread is started.
class Signals {
 public:
  Signals();

  // The next of them.
  int Wait() const;

  // From here on SIGTERM and SIGINT end the process at once, with 128 and the signal's number.
  void LetStopEndAtOnce() const;

 private:
  sigset_t all_;
};

// Has a signal that is a bug's (SIGSEGV, SIGBUS, SIGFPE, SIGILL) named on standard error before it
// ends the process.
void NameFatalSignals();

}  // namespace daybook::app
