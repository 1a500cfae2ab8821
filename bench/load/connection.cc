#include "load/connection.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace daybook::bench {

bool Connection::Open(const sockaddr_in& server, int epoll, std::uint64_t number) {
  epoll_ = epoll;
  number_ = number;
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int failed = connect(fd_, reinterpret_cast<const sockaddr*>(&server), sizeof server);
  if (failed != 0 && errno != EINPROGRESS) return false;
  Watch(true, EPOLL_CTL_ADD);
  return true;
}

bool Connection::FinishOpening() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return false;
  connected_ = true;
  Watch(false, EPOLL_CTL_MOD);
  return true;
}

void Connection::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  connected_ = watched_for_writing_ = false;
  out_.clear();
  out_sent_ = 0;
  received_bytes_ = 0;
  reader_ = AnswerReader();
  if (keeps_bodies_) reader_.KeepBodies();
  in_flight_.clear();
}

void Connection::KeepBodies() {
  keeps_bodies_ = true;
  reader_.KeepBodies();
}

void Connection::Send() {
  while (out_sent_ < out_.size()) {
    const ssize_t sent = send(fd_, out_.data() + out_sent_, out_.size() - out_sent_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      // A reset is left to Receive(), so that answers which came before it are not lost.
      if (errno == EAGAIN && !watched_for_writing_) Watch(true, EPOLL_CTL_MOD);
      return;
    }
    out_sent_ += static_cast<std::size_t>(sent);
  }
  out_.clear();
  out_sent_ = 0;
  if (watched_for_writing_) Watch(false, EPOLL_CTL_MOD);
}

bool Connection::Receive(std::vector<char>& buffer, std::vector<Answer>& answers) {
  const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  received_bytes_ += static_cast<std::uint64_t>(got);
  return got > 0 && reader_.Feed({buffer.data(), static_cast<std::size_t>(got)}, answers);
}

void Connection::Watch(bool for_writing, int operation) {
  watched_for_writing_ = for_writing;
  epoll_event event{};
  event.events = EPOLLIN | (for_writing ? std::uint32_t{EPOLLOUT} : 0U);
  event.data.u64 = number_;
  epoll_ctl(epoll_, operation, fd_, &event);
}

}  // namespace daybook::bench
