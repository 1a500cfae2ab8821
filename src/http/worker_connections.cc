// A Worker's connections: how they come and go.

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "http/worker.h"

namespace daybook::http {
namespace {

using Pistache::Polling::Mode;
using Pistache::Polling::NotifyOn;

constexpr int kAcceptsPerTurn = 128;

// After these the listening socket stays readable although nothing can be accepted.
bool IsExhaustion(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

void Worker::StartAccepting(std::vector<Descriptor> listeners) {
  listeners_ = std::move(listeners);
  for (const Descriptor& listener : listeners_) {
    reactor()->registerFd(key(), listener.get(), NotifyOn::Read, TagOf({listener.get(), 0, 0}),
                          Mode::Level);
  }
}

void Worker::PauseAccepting(bool paused) {
  accepting_paused_ = paused;
  for (const Descriptor& listener : listeners_) {
    reactor()->modifyFd(key(), listener.get(), paused ? NotifyOn::None : NotifyOn::Read,
                        TagOf({listener.get(), 0, 0}), Mode::Level);
  }
  UpdateTick();
}

void Worker::StopAccepting() {
  // What the kernel has accepted already is served; what comes later finds no listener.
  for (const Descriptor& listener : listeners_) {
    while (AcceptOne(listener.get())) {
    }
  }
  for (const Descriptor& listener : listeners_) reactor()->removeFd(key(), listener.get());
  listeners_.clear();
  accepting_paused_ = false;
}

void Worker::Accept() {
  for (const Descriptor& listener : listeners_) {
    for (int i = 0; i < kAcceptsPerTurn && AcceptOne(listener.get()); ++i) {
    }
  }
}

// Returns whether there may be another.
bool Worker::AcceptOne(int listener) {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof storage;
  const int fd = ::accept4(listener, reinterpret_cast<sockaddr*>(&storage), &bytes,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (IsExhaustion(errno)) PauseAccepting(true);
    return errno == ECONNABORTED || errno == EINTR;
  }
  const Place place = shared_.places.Take();
  if (place == Place::kNone) {
    stats_.connections_refused.Add();
    Refuse(fd);
    return true;
  }
  stats_.connections_accepted.Add();
  auto& from = reinterpret_cast<sockaddr&>(storage);
  const auto address = Pistache::Address::fromUnix(&from);
  const ClientAddress client(from);
  // Of equals one that does not accept.
  Worker& target =
      **std::min_element(shared_.workers.rbegin(), shared_.workers.rend(),
                         [](const Worker* a, const Worker* b) { return a->load() < b->load(); });
  target.connection_count_.fetch_add(1, std::memory_order_relaxed);
  if (&target == this) {
    Adopt(fd, address, client, place);
  } else {
    target.Post([=, &target] { target.Adopt(fd, address, client, place); });
  }
  return true;
}

// Says why, as far as that can be done without waiting for the client.
void Worker::Refuse(int fd) {
  const Response response = shared_.router.error_page()(TooManyConnections());
  std::string answer = "HTTP/1.1 503 Service Unavailable\r\n" + date_field_ + response.fields +
                       "Content-Length: " + std::to_string(response.body.size()) +
                       "\r\nConnection: close\r\n\r\n" + response.body;
  (void)!::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(fd, SHUT_WR);
  // Closing over unread bytes would reset the connection, and the answer with it.
  (void)!::recv(fd, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
  ::close(fd);
}

void Worker::Adopt(int fd, const Pistache::Address& address, const ClientAddress& client,
                   Place place) {
  try {
    handleNewPeer(Peer::Create(fd, address));  // calls OnPeer(), then watches it edge-triggered
    if (++last_generation_ == 0) ++last_generation_;
    slots_[static_cast<std::size_t>(fd)].connection = std::make_unique<Connection>(
        static_cast<ConnectionHost&>(*this), ExchangeId{fd, last_generation_, 0}, place, client);
  } catch (const std::exception& fault) {
    ReportFault(fault.what());
    stats_.CountClosed(CloseReason::kFault);
    Forget(fd, place);
    peers.erase(fd);
    ::close(fd);
    return;
  }
  Slot& slot = slots_[static_cast<std::size_t>(fd)];
  slot.watched = {};
  Watch(fd);
  UpdateTick();
  if (draining_) Continue(fd, slot.connection->Drain(scratch_));
}

void Worker::OnPeer(const std::shared_ptr<Peer>& peer) {
  const auto fd = static_cast<std::size_t>(peer->fd());
  if (slots_.size() <= fd) slots_.resize(fd + 64);
  slots_[fd].peer = peer;
}

void Worker::Drain() {
  draining_ = true;
  for (std::size_t fd = 0; fd < slots_.size(); ++fd) {
    if (Connection* connection = slots_[fd].connection.get()) {
      Continue(static_cast<int>(fd), connection->Drain(scratch_));
    }
  }
}

void Worker::CloseAll() {
  for (std::size_t fd = 0; fd < slots_.size(); ++fd) {
    if (slots_[fd].connection != nullptr) Close(static_cast<int>(fd), CloseReason::kDrain);
  }
}

}  // namespace daybook::http
