// Where in a log a read begins.
#pragma once

#include <memory>

#include "api/read_query.h"
#include "base/status.h"
#include "base/types.h"
#include "base/unique_function.h"
#include "log/log.h"

namespace daybook::api {

struct Start {
  Offset from;  // may be behind the end, or below the first, where the query names it
  Offset first_offset;
  Offset next_offset;  // of the log
};

void FindStart(std::shared_ptr<log::Log> log, const ReadQuery& query,
               UniqueFunction<void(const Result<Start>&)> done);

}  // namespace daybook::api
