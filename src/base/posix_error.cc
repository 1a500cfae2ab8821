#include "base/posix_error.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace daybook {

Status PosixError(const std::string& what, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  std::string message = what + ": " + std::generic_category().message(error);
  if (error == EACCES || error == EPERM) {
    message.append(" to uid ").append(std::to_string(::geteuid()));
    message.append(", gid ").append(std::to_string(::getegid()));
  }
  return {full ? StatusCode::kNoSpace : StatusCode::kIo, std::move(message)};
}

}  // namespace daybook
