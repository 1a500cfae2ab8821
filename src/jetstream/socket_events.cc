#include "jetstream/socket_events.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "base/check.h"

namespace daybook::jetstream {

SocketEvents::SocketEvents() : wakeup_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  CHECK(wakeup_ >= 0, "no descriptors are left for the connection to NATS");
}

SocketEvents::~SocketEvents() { ::close(wakeup_); }

natsStatus SocketEvents::AddTo(natsOptions* options) {
  return natsOptions_SetEventLoop(options, this, OnAttach, OnRead, OnWrite, OnDetach);
}

SocketEvents::Ready SocketEvents::Wait(std::chrono::milliseconds timeout,
                                       const std::function<bool()>& has_work) {
  // First, so that nobody changes unseen what is looked at below.
  waits_ = true;
  std::array<pollfd, 2> watched{pollfd{wakeup_, POLLIN, 0}, pollfd{-1, 0, 0}};
  {
    const MutexLock lock(mutex_);
    if (attachment_ != nullptr && !attachment_->closed) {
      watched[1].fd = attachment_->socket;
      if (attachment_->reads) watched[1].events |= POLLIN;
      if (attachment_->writes) watched[1].events |= POLLOUT;
    }
  }
  const int timeout_ms = has_work() ? 0 : static_cast<int>(timeout.count());
  const int found = ::poll(watched.data(), watched.size(), timeout_ms);
  waits_ = false;
  if (found <= 0) return {};
  if (watched[0].revents != 0) {
    std::uint64_t wakeups = 0;
    (void)!::read(wakeup_, &wakeups, sizeof wakeups);
  }
  // Who reads is told of an error, and cnats then closes the connection.
  constexpr int kOver = POLLHUP | POLLERR;
  return {(watched[1].revents & (POLLIN | kOver)) != 0, (watched[1].revents & POLLOUT) != 0};
}

void SocketEvents::Wake() {
  if (!waits_.exchange(false)) return;
  const std::uint64_t one = 1;
  (void)!::write(wakeup_, &one, sizeof one);
}

bool SocketEvents::attached() const {
  const MutexLock lock(mutex_);
  return attachment_ != nullptr && !attachment_->closed;
}

bool SocketEvents::wants_write() const {
  const MutexLock lock(mutex_);
  return attachment_ != nullptr && attachment_->writes;
}

int SocketEvents::Peek() const {
  const MutexLock lock(mutex_);
  unsigned char byte = 0;
  if (attachment_ == nullptr || attachment_->closed) return -1;
  return ::recv(attachment_->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? byte : -1;
}

void SocketEvents::Break() {
  const MutexLock lock(mutex_);
  if (attachment_ != nullptr && !attachment_->closed) ::shutdown(attachment_->socket, SHUT_RDWR);
}

natsStatus SocketEvents::OnAttach(void** attachment, void* events, natsConnection* /*connection*/,
                                  natsSock socket) {
  auto& self = *static_cast<SocketEvents*>(events);
  CHECK(*attachment == nullptr, "a connection of cnats has connected again");
  auto made = std::make_unique<Attachment>(Attachment{self.shared_from_this(), socket});
  const MutexLock lock(self.mutex_);
  self.attachment_ = made.get();
  *attachment = made.release();
  return NATS_OK;
}

// cnats stops reading, and writing, before it closes the socket, and begins neither again.
natsStatus SocketEvents::OnRead(void* attachment, bool wanted) {
  auto& attached = *static_cast<Attachment*>(attachment);
  const MutexLock lock(attached.events->mutex_);
  attached.reads = wanted;
  attached.closed = attached.closed || !wanted;
  return NATS_OK;
}

natsStatus SocketEvents::OnWrite(void* attachment, bool wanted) {
  auto& attached = *static_cast<Attachment*>(attachment);
  const MutexLock lock(attached.events->mutex_);
  attached.writes = wanted;
  return NATS_OK;
}

natsStatus SocketEvents::OnDetach(void* attachment) {
  const std::unique_ptr<Attachment> attached(static_cast<Attachment*>(attachment));
  SocketEvents& self = *attached->events;
  const MutexLock lock(self.mutex_);
  if (self.attachment_ == attached.get()) self.attachment_ = nullptr;
  return NATS_OK;
}

}  // namespace daybook::jetstream
