// `daybook probe`: asks a running server what its users ask, and says what came of it. For tests of
// an installation, and for pods that have no shell.
#pragma once

#include "config/config.h"

namespace daybook::app {

// Returns the exit code: 1 for a server that is not as it should be, and standard error says why.
int Probe(const config::ProbeOptions& options);

}  // namespace daybook::app
