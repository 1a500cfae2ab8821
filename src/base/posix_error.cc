#include "base/posix_error.h"

#include <cerrno>
#include <system_error>

namespace daybook {

Status PosixError(const std::string& what, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return {full ? StatusCode::kNoSpace : StatusCode::kIo,
          what + ": " + std::generic_category().message(error)};
}

}  // namespace daybook
