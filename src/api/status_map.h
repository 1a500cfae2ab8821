// The one table from Status, as the engines give it, to the HTTP answer.
#pragma once

#include "api/problem.h"
#include "base/status.h"

namespace daybook::api {

// The problem that tells a failed read or another call that changes nothing.
Problem ProblemOf(const Status& status);
// The same for an append: with `outcome`.
Problem AppendProblemOf(const Status& status);

}  // namespace daybook::api
