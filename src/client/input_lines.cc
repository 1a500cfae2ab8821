#include "client/input_lines.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "base/posix_error.h"

namespace daybook::client {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;
// So that a fast writer finds room while what it wrote is appended.
constexpr int kPipeBytes = 1 << 20;

}  // namespace

InputLines::InputLines(int fd, const Waiter& waiter, std::size_t line_bytes_max)
    : fd_(fd), waiter_(waiter), line_bytes_max_(line_bytes_max) {
  (void)::fcntl(fd, F_SETPIPE_SZ, kPipeBytes);
}

Result<InputLines::Outcome> InputLines::Read(bool waits) {
  const auto deadline = waits ? Waiter::Deadline::max() : Waiter::Deadline::min();
  const Waiter::Outcome outcome = waiter_.Await(fd_, POLLIN, deadline);
  if (outcome == Waiter::Outcome::kInterrupted) return Outcome::kStopped;
  if (outcome == Waiter::Outcome::kDeadline) return Outcome::kNone;
  bytes_.erase(0, taken_);
  searched_ -= taken_;
  taken_ = 0;
  const std::size_t before = bytes_.size();
  bytes_.resize(before + kReadBytes);
  ssize_t read = 0;
  do {
    read = ::read(fd_, bytes_.data() + before, kReadBytes);
  } while (read < 0 && errno == EINTR);
  bytes_.resize(before + static_cast<std::size_t>(read < 0 ? 0 : read));
  // Somebody else has read it.
  if (read < 0 && errno == EAGAIN) return waits ? Read(waits) : Outcome::kNone;
  if (read < 0) return PosixError("cannot read standard input", errno);
  has_ended_ = read == 0;
  return has_ended_ ? Outcome::kEnd : Outcome::kLine;
}

Result<InputLines::Outcome> InputLines::Next(bool waits) {
  for (;;) {
    const std::size_t end = bytes_.find('\n', searched_);
    const bool is_whole = end != std::string::npos;
    const std::size_t line_bytes = (is_whole ? end : bytes_.size()) - taken_;
    if (line_bytes > line_bytes_max_) {
      ++number_;
      return Status(StatusCode::kTooLarge,
                    "it has more than " + std::to_string(line_bytes_max_) + " bytes");
    }
    if (!is_whole && has_ended_ && line_bytes == 0) return Outcome::kEnd;
    if (is_whole || has_ended_) {
      line_ = std::string_view(bytes_).substr(taken_, line_bytes);
      if (line_.ends_with('\r')) line_.remove_suffix(1);
      taken_ += line_bytes + (is_whole ? 1 : 0);
      searched_ = taken_;
      ++number_;
      return Outcome::kLine;
    }
    searched_ = bytes_.size();
    Result<Outcome> read = Read(waits);
    if (!read.ok() || *read == Outcome::kNone || *read == Outcome::kStopped) return read;
  }
}

Result<InputLines::Outcome> InputLines::All(std::size_t bytes_max, std::string& bytes) {
  while (!has_ended_) {
    Result<Outcome> read = Read(true);
    if (!read.ok() || *read == Outcome::kStopped) return read;
    if (bytes_.size() > bytes_max) {
      return Status(StatusCode::kTooLarge,
                    "standard input has more than " + std::to_string(bytes_max) + " bytes");
    }
  }
  bytes = std::move(bytes_);
  return Outcome::kEnd;
}

}  // namespace daybook::client
