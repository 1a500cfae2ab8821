#include "client/command.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "base/printable.h"

namespace daybook::client {

Command::Command(const char* name, Ends ends)
    : name_(name), ends_(ends), output_(STDOUT_FILENO, waiter()) {
  late_.InterruptBy(signals_.late_descriptor(), POLLIN);
  interrupted_.InterruptBy(signals_.descriptor(), POLLIN);
  if (ends == Ends::kAtOnce) interrupted_.InterruptBy(STDOUT_FILENO, 0);
}

void Command::Say(const std::string& what) const {
  std::fprintf(stderr, "daybook: %s: %s\n", name_, PrintableLine(what).c_str());
}

int Command::End(Status status) {
  if (Status flushed = output_.Flush(); status.ok()) status = std::move(flushed);
  // Why it ended is known to whoever has ended it.
  const bool is_quiet =
      (ends_ == Ends::kAtOnce && (output_.is_closed() || interrupted_.interrupted())) ||
      (ends_ == Ends::kBySignal && interrupted_.interrupted());
  if (!status.ok() && !is_quiet) Say(status.message());
  if (signals_.first() != 0) return 128 + signals_.first();
  if (status.ok() || is_quiet) return 0;
  return status.code() == StatusCode::kInvalidArgument ? 2 : 1;
}

}  // namespace daybook::client
