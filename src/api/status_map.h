// The one table from Status, as the engines give it, to the HTTP answer.
#pragma once

#include "api/problem.h"
#include "base/status.h"
#include "log/log.h"

namespace daybook::api {

// The problem that tells a failed read or another call that changes nothing.
Problem ProblemOf(const Status& status);
// The same for an append: with `outcome`.
Problem AppendProblemOf(const Status& status);

// That tells why `page`, read at `offset`, has no record: 404 where there is none yet.
Problem RecordProblemOf(const Result<log::Page>& page, Offset offset);

}  // namespace daybook::api
