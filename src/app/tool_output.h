// What the sub-commands that work on a data folder tell the person who runs them.
#pragma once

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>

#include "base/status.h"

namespace daybook::app {

// Says on standard error, in the name of that command, what the status does; with what can be done
// about damage. Returns the exit code.
int ExitCodeOf(const char* command, const Status& status);

void PrintLine(const std::string& line);

// A line on a terminal that says how far a long run has come. Used by one thread.
class Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  // The first is shown only after this, and then one in each interval.
  static constexpr std::chrono::milliseconds kPatience{1000};
  static constexpr std::chrono::milliseconds kInterval{200};

  // On standard error, if that is a terminal.
  Progress();
  // On `out`; null: nowhere.
  Progress(std::FILE* out, Clock clock);
  // Clears the line.
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // May be called as often as is convenient.
  void Show(const std::function<std::string()>& line);
  // Before something else is written.
  void Clear();

 private:
  std::FILE* const out_;
  const Clock clock_;
  std::chrono::steady_clock::time_point next_;
  bool shown_ = false;
};

// "1.5 GiB"
std::string ForPeople(std::uint64_t bytes);

}  // namespace daybook::app
