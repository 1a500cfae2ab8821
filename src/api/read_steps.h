// Reads that follow from one another, however many there are.
#pragma once

#include <memory>
#include <optional>

#include "base/status.h"
#include "base/types.h"
#include "base/unique_function.h"
#include "log/log.h"

namespace daybook::api {

struct ReadStep {
  Offset from;
  log::ReadLimits limits;
};

// Gets what a step read, and says what to read next, or, when it has what it wants, nothing.
using ReadFollower = UniqueFunction<std::optional<ReadStep>(Result<log::Page>)>;

// Calls `follower` with what `first` reads, then with what it asks for. Takes no more of the stack
// for many steps than for one, also where the engine answers within the call. Holds the log until
// the last step.
void ReadInSteps(std::shared_ptr<log::Log> log, const ReadStep& first, ReadFollower follower);

}  // namespace daybook::api
