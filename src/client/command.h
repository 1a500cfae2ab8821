// Command is what every client's command has: signals, standard output, and how it ends.
#pragma once

#include <string>

#include "base/status.h"
#include "base/waiter.h"
#include "client/output.h"
#include "client/stop_signals.h"

namespace daybook::client {

class Command {
 public:
  enum class Ends {
    kAtOnce,    // with a signal, and quietly when nobody reads standard output any more
    kBySignal,  // with a signal
    kInOrder,   // with a signal, but what is under way has some seconds to be finished
  };

  Command(const char* name, Ends ends);

  const char* name() const { return name_; }
  // Of what is asked of a server.
  const Waiter& waiter() const { return ends_ == Ends::kInOrder ? late_ : interrupted_; }
  // Of what may always end.
  const Waiter& interrupted_waiter() const { return interrupted_; }
  Output& output() { return output_; }
  const StopSignals& signals() const { return signals_; }
  // It is to come to its end.
  bool is_stopped() const { return signals_.first() != 0 || output_.is_closed(); }
  // A line on standard error, in the command's name.
  void Say(const std::string& what) const;
  // Writes what output there is, and says what `status` does, but where all waits were ended.
  // Returns the exit code.
  int End(Status status);

 private:
  const char* const name_;
  const Ends ends_;
  const StopSignals signals_;
  Waiter late_;
  Waiter interrupted_;
  Output output_;
};

}  // namespace daybook::client
