// Link is one connection of cnats to one server of NATS, from when it is made until it is lost: it
// never connects again, and who wants another makes another Link.
//
// It has no thread of its own. All calls are for one thread at a time. What is published waits in
// cnats' buffer until Write(). Messages are delivered on cnats' thread of delivery, errors told on
// another one of cnats'. Both may still come for a while when the Link is destroyed.
#pragma once

#include <nats/nats.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "jetstream/message.h"
#include "jetstream/nats_options.h"
#include "jetstream/socket_events.h"

namespace daybook::jetstream {

class Link {
 public:
  using Deliver = std::function<void(Incoming)>;
  using TellError = std::function<void(const std::string&)>;

  // Waits until there is a connection to `server`, or none to be had. kUnavailable.
  // kInvalidArgument: an option is wrong.
  static Result<std::unique_ptr<Link>> Connect(const ConnectionOptions& options,
                                               const std::string& server,
                                               std::shared_ptr<SocketEvents> events,
                                               TellError tell_error);
  // Closes it.
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // False: cnats could not.
  bool Subscribe(const std::string& subject, Deliver deliver);
  // The answer to a message is sent to `reply`, where that is not empty.
  natsStatus Publish(const Outgoing& message, const std::string& reply);
  // Reads what is there, some of it where there is much.
  void Read() { natsConnection_ProcessReadEvent(connection_); }
  // Sends what was published, as far as there is room.
  void Write();
  // Has the server send something, if it is there. The next Write() sends it.
  void Ping();

  // Of a message's headers and data, as the server says.
  std::uint64_t payload_bytes_max() const {
    return static_cast<std::uint64_t>(natsConnection_GetMaxPayload(connection_));
  }
  // Other servers, as this one says.
  std::vector<std::string> OtherServers() const;
  // Why it was lost.
  std::string Error() const;

 private:
  struct Subscriber;
  struct ErrorClosure;

  explicit Link(std::shared_ptr<SocketEvents> events) : events_(std::move(events)) {}

  static void OnMessage(natsConnection* connection, natsSubscription* subscription,
                        natsMsg* message, void* subscriber);
  static void OnComplete(void* subscriber);
  static void OnError(natsConnection* connection, natsSubscription* subscription, natsStatus status,
                      void* closure);
  static void OnClosed(natsConnection* connection, void* closure);

  const std::shared_ptr<SocketEvents> events_;
  natsConnection* connection_ = nullptr;
  std::vector<natsSubscription*> subscriptions_;
};

}  // namespace daybook::jetstream
