// SocketEvents is the event loop that cnats is given for its connections: it knows which socket
// cnats has and what it awaits of it, and one thread waits for that.
//
// cnats names the socket of a connection when that is made (attach) and says when it is closed
// (detach); from the one to the other it shares in the owner, so that whatever it calls meets no
// object that is gone. A connection of cnats must not connect again by itself: cnats 3.4.1 would go
// on in the middle of a message that the lost connection left. There is one connection at a time.
// Wait() is for one thread; the others may Wake() it and Break() the connection.
#pragma once

#include <nats/nats.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "base/mutex.h"

namespace daybook::jetstream {

class SocketEvents : public std::enable_shared_from_this<SocketEvents> {
 public:
  struct Ready {
    bool readable = false;
    bool writable = false;
  };

  SocketEvents();
  ~SocketEvents();
  SocketEvents(const SocketEvents&) = delete;
  SocketEvents& operator=(const SocketEvents&) = delete;

  // Has connections with these options be served here. It must outlive them.
  natsStatus AddTo(natsOptions* options);

  // Until the socket is ready, or Wake(), or the time is over; not at all where `has_work` says
  // so, which is asked when a Wake() is no longer missed.
  Ready Wait(std::chrono::milliseconds timeout, const std::function<bool()>& has_work);
  void Wake();

  // There is a connection that cnats has not closed.
  bool attached() const;
  // It has something to write, for which there may be no room.
  bool wants_write() const;
  // The first byte of what is there to be read, which stays there. -1: nothing is.
  int Peek() const;
  // Shuts the socket, which whoever reads or writes it finds out.
  void Break();

 private:
  struct Attachment {
    std::shared_ptr<SocketEvents> events;
    int socket;
    bool closed = false;  // cnats closes the socket, which is another one's then
    bool reads = true;
    bool writes = false;
  };

  static natsStatus OnAttach(void** attachment, void* events, natsConnection* connection,
                             natsSock socket);
  static natsStatus OnRead(void* attachment, bool wanted);
  static natsStatus OnWrite(void* attachment, bool wanted);
  static natsStatus OnDetach(void* attachment);

  const int wakeup_;  // an eventfd
  std::atomic<bool> waits_{false};

  mutable Mutex mutex_;  // is taken under cnats' lock of the connection
  Attachment* attachment_ GUARDED_BY(mutex_) = nullptr;
};

}  // namespace daybook::jetstream
