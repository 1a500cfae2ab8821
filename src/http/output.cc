#include "http/output.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace daybook::http {
namespace {

constexpr std::size_t kCopiedBytesMax = 16 << 10;
constexpr std::size_t kPieceBytesMax = 64 << 10;
// What an idle connection keeps of its buffer; of pieces it keeps kPiecesPerCall.
constexpr std::size_t kKeptBytesMax = 1 << 10;
constexpr std::size_t kPiecesPerCall = 16;

}  // namespace

std::string& Output::Tail() {
  if (pieces_.empty() || pieces_.back().text.size() >= kPieceBytesMax) pieces_.emplace_back();
  return pieces_.back().text;
}

void Output::Add(std::string&& bytes) {
  if (bytes.size() <= kCopiedBytesMax) return Add(std::string_view(bytes));
  pieces_.push_back({std::move(bytes), {}});
  // What follows would make it grow, and be copied.
  pieces_.emplace_back();
}

void Output::AddView(std::string_view bytes) {
  if (bytes.size() <= kCopiedBytesMax) return Add(bytes);
  pieces_.push_back({{}, bytes});
  pieces_.emplace_back();
}

std::size_t Output::bytes() const {
  std::size_t bytes = 0;
  for (std::size_t i = first_; i < pieces_.size(); ++i) bytes += pieces_[i].bytes().size();
  return bytes - first_position_;
}

ssize_t Output::Send(int fd) const {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  std::array<iovec, kPiecesPerCall> parts;
  std::size_t count = 0;
  for (std::size_t i = first_; i < pieces_.size() && count < parts.size(); ++i) {
    const std::string_view left = pieces_[i].bytes().substr(i == first_ ? first_position_ : 0);
    parts[count++] = iovec{const_cast<char*>(left.data()), left.size()};
  }
  if (count == 1) return ::send(fd, parts[0].iov_base, parts[0].iov_len, kFlags);
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  return ::sendmsg(fd, &message, kFlags);
}

Output::Flushed Output::Flush(int fd) {
  while (!empty()) {
    const ssize_t sent = Send(fd);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Flushed::kBlocked : Flushed::kBroken;
    }
    Drop(static_cast<std::size_t>(sent));
  }
  return Flushed::kAll;
}

void Output::Drop(std::size_t bytes) {
  sent_bytes_ += bytes;
  while (first_ < pieces_.size() && bytes >= pieces_[first_].bytes().size() - first_position_) {
    bytes -= pieces_[first_].bytes().size() - std::exchange(first_position_, 0);
    // What was sent is freed at once: the rest may wait long.
    if (++first_ < pieces_.size()) std::string().swap(pieces_[first_ - 1].text);
  }
  first_position_ += bytes;
  if (first_ < pieces_.size()) {
    if (first_ >= kPiecesPerCall) {
      pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    return;
  }
  first_ = 0;
  if (pieces_.capacity() > kPiecesPerCall) return std::vector<Piece>().swap(pieces_);
  pieces_.resize(1);
  std::string& kept = pieces_.front().text;
  if (kept.capacity() > kKeptBytesMax) {
    std::string().swap(kept);
  } else {
    kept.clear();
  }
}

}  // namespace daybook::http
