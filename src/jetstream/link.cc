#include "jetstream/link.h"

#include <cstddef>
#include <cstdlib>
#include <utility>

namespace daybook::jetstream {
namespace {

// Why this thread's last call failed, in the server's words where it has given some, without the
// place in cnats, as "(conn.c:12): ".
std::string TextOf(natsStatus status) {
  natsStatus last = NATS_OK;
  const char* const words = nats_GetLastError(&last);
  if (last != status || words == nullptr || *words == '\0') return natsStatus_GetText(status);
  const std::string text = words;
  const std::size_t place_end = text.front() == '(' ? text.find("): ") : std::string::npos;
  return place_end == std::string::npos ? text : text.substr(place_end + 3);
}

struct DestroyMessage {
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};

}  // namespace

// What a subscription of cnats refers to, until cnats has done with it.
struct Link::Subscriber {
  Deliver deliver;
};

// What a connection of cnats refers to, until it has told that it is closed, and that is the last
// that it tells.
struct Link::ErrorClosure {
  TellError tell_error;
};

Result<std::unique_ptr<Link>> Link::Connect(const ConnectionOptions& options,
                                            const std::string& server,
                                            std::shared_ptr<SocketEvents> events,
                                            TellError tell_error) {
  auto closure = std::make_unique<ErrorClosure>(ErrorClosure{std::move(tell_error)});
  const Result<NatsOptions> made =
      MakeNatsOptions(options, server, {closure.get(), OnClosed, OnError});
  if (!made.ok()) return made.status();
  if (const natsStatus s = events->AddTo(made->get()); s != NATS_OK)
    return Status(StatusCode::kInternal, natsStatus_GetText(s));
  std::unique_ptr<Link> link(new Link(std::move(events)));
  const natsStatus s = natsConnection_Connect(&link->connection_, made->get());
  // One that was never made tells nothing.
  if (s != NATS_OK) return Status(StatusCode::kUnavailable, TextOf(s));
  (void)closure.release();
  return link;
}

Link::~Link() {
  if (connection_ == nullptr) return;
  // cnats would wait for somebody else to write it.
  if (events_->attached()) Write();
  natsConnection_Close(connection_);
  for (natsSubscription* const subscription : subscriptions_)
    natsSubscription_Destroy(subscription);
  natsConnection_Destroy(connection_);
}

bool Link::Subscribe(const std::string& subject, Deliver deliver) {
  auto subscriber = std::make_unique<Subscriber>(Subscriber{std::move(deliver)});
  natsSubscription* subscription = nullptr;
  if (natsConnection_Subscribe(&subscription, connection_, subject.c_str(), OnMessage,
                               subscriber.get()) != NATS_OK)
    return false;
  subscriptions_.push_back(subscription);
  (void)natsSubscription_SetPendingLimits(subscription, -1, -1);
  // It fails where the connection is closed by now, and then cnats may still be at its messages.
  (void)natsSubscription_SetOnCompleteCB(subscription, OnComplete, subscriber.release());
  return true;
}

natsStatus Link::Publish(const Outgoing& message, const std::string& reply) {
  const int bytes = static_cast<int>(message.data.size());
  if (message.headers.empty() && !reply.empty()) {
    return natsConnection_PublishRequest(connection_, message.subject.c_str(), reply.c_str(),
                                         message.data.data(), bytes);
  }
  natsMsg* made = nullptr;
  natsStatus s =
      natsMsg_Create(&made, message.subject.c_str(), reply.empty() ? nullptr : reply.c_str(),
                     message.data.data(), bytes);
  const std::unique_ptr<natsMsg, DestroyMessage> owned(made);
  for (const auto& [name, value] : message.headers)
    if (s == NATS_OK) s = natsMsgHeader_Set(made, name, value.c_str());
  return s == NATS_OK ? natsConnection_PublishMsg(connection_, made) : s;
}

// cnats takes it for a loss of the connection when there was nothing to send.
void Link::Write() {
  if (events_->wants_write()) natsConnection_ProcessWriteEvent(connection_);
}

// cnats waits for the answer here, for a moment, and finds it later as well.
void Link::Ping() { (void)natsConnection_FlushTimeout(connection_, 1); }

std::vector<std::string> Link::OtherServers() const {
  char** servers = nullptr;
  int count = 0;
  if (natsConnection_GetDiscoveredServers(connection_, &servers, &count) != NATS_OK) return {};
  std::vector<std::string> found;
  for (int i = 0; i < count; ++i) {
    found.emplace_back(servers[i]);
    std::free(servers[i]);
  }
  std::free(static_cast<void*>(servers));
  return found;
}

std::string Link::Error() const {
  const char* text = nullptr;
  const natsStatus s = natsConnection_GetLastError(connection_, &text);
  return text != nullptr && *text != '\0' ? text : natsStatus_GetText(s);
}

void Link::OnMessage(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                     natsMsg* message, void* subscriber) {
  static_cast<Subscriber*>(subscriber)->deliver(Incoming(message));
}

void Link::OnComplete(void* subscriber) {
  const std::unique_ptr<Subscriber> done(static_cast<Subscriber*>(subscriber));
}

void Link::OnError(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                   natsStatus status, void* closure) {
  static_cast<ErrorClosure*>(closure)->tell_error(natsStatus_GetText(status));
}

void Link::OnClosed(natsConnection* /*connection*/, void* closure) {
  const std::unique_ptr<ErrorClosure> done(static_cast<ErrorClosure*>(closure));
}

}  // namespace daybook::jetstream
