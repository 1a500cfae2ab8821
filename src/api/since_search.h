// Where in a log a moment is.
#pragma once

#include <memory>

#include "base/status.h"
#include "base/types.h"
#include "base/unique_function.h"
#include "log/log.h"

namespace daybook::api {

// Finds the first record from `first` on and before `end` whose timestamp is `since` or later, or
// `end`, by a binary search, for a log's timestamps do not fall. Records that a repair gave up have
// no timestamp; they are stepped over.
void FindSince(std::shared_ptr<log::Log> log, Timestamp since, Offset first, Offset end,
               UniqueFunction<void(Result<Offset>)> done);

}  // namespace daybook::api
