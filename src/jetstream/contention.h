// Changes from a revision that another one has taken meanwhile, or whose leader has not stored it
// yet, are tried again, on a thread that may wait.
#pragma once

#include <string>

#include "base/status.h"

namespace daybook::jetstream {

inline constexpr int kChangeTries = 50;

// Before the next try, after so many.
void WaitForOthers(int tries);

// kUnavailable: it was tried often enough.
Status Contended(const std::string& what);

}  // namespace daybook::jetstream
