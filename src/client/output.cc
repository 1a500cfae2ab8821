#include "client/output.h"

#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/posix_error.h"
#include "base/printable.h"

namespace daybook::client {
namespace {

constexpr std::size_t kKeptBytesMax = 256 << 10;

bool IsFile(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Output::Output(int fd, const Waiter& waiter)
    : fd_(fd),
      waiter_(waiter),
      write_bytes_max_(IsFile(fd) ? kKeptBytesMax : PIPE_BUF),
      is_terminal_(::isatty(fd) == 1) {}

Status Output::Add(std::string_view bytes) {
  kept_.append(bytes);
  return kept_.size() < kKeptBytesMax ? Status() : Flush();
}

Status Output::AddText(std::string_view text) {
  return is_terminal_ ? Add(Printable(text)) : Add(text);
}

Status Output::Flush() {
  std::string_view left = kept_;
  Status status;
  while (!left.empty() && status.ok()) {
    if (waiter_.Await(fd_, POLLOUT, Waiter::Deadline::max()) == Waiter::Outcome::kInterrupted) {
      status = Status(StatusCode::kIo, "interrupted");
      break;
    }
    const ssize_t written = ::write(fd_, left.data(), std::min(left.size(), write_bytes_max_));
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      is_closed_ = true;
      status = Status(StatusCode::kIo, "nobody reads standard output any more");
    } else if (errno != EINTR && errno != EAGAIN) {
      status = PosixError("cannot write to standard output", errno);
    }
  }
  kept_.clear();
  return status;
}

}  // namespace daybook::client
