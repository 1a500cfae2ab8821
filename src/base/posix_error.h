// PosixError: what the operating system refused, as a Status.
#pragma once

#include <string>

#include "base/status.h"

namespace daybook {

// "cannot sync /data/x.log: Input/output error" of "cannot sync /data/x.log" and EIO; where
// somebody else might have been permitted it, with who asked. kNoSpace for ENOSPC and EDQUOT, else
// kIo.
Status PosixError(const std::string& what, int error);

}  // namespace daybook
