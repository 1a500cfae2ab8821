// SIGINT and SIGTERM, of which the first asks a command to come to its end, and a second one ends
// the process at once. What is under way may be finished then, but not for ever. SIGPIPE is
// ignored: a closed output is an error of a write.
#pragma once

namespace daybook::client {

// Takes the signals for the rest of the process's life. At most one is made.
class StopSignals {
 public:
  static constexpr int kFinishSeconds = 5;

  StopSignals();

  // Can be read from once a signal has come.
  int descriptor() const;
  // Can be read from when the first signal came kFinishSeconds ago.
  int late_descriptor() const;
  // The first that came; 0: none has.
  int first() const;
};

}  // namespace daybook::client
