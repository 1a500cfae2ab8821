#include "jetstream/connection.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <deque>
#include <future>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/logging.h"
#include "base/mutex.h"
#include "jetstream/nats_options.h"

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

// Until another try where cnats does not try by itself.
constexpr milliseconds kConnectWait{500};
// How long an answer is awaited that was asked for before the connection was lost. It may still
// come over the next one.
constexpr milliseconds kAnswerAfterLoss{1'000};
// For what nobody is expected to answer any more.
constexpr milliseconds kHurry{100};
// How exact deadlines are.
constexpr milliseconds kSweepInterval{50};

Status NotConnected(const std::string& why) {
  return {StatusCode::kUnavailable,
          "there is no connection to NATS" + (why.empty() ? "" : ": " + why)};
}

struct DestroyMessage {
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};

}  // namespace

class Connection::Core : public std::enable_shared_from_this<Core> {
 public:
  explicit Core(const ConnectionOptions& options) : options_(options) {}

  Status Start() {
    if (const auto made = MakeNatsOptions(options_, {}); !made.ok()) return made.status();
    natsInbox* inbox = nullptr;
    if (const natsStatus s = natsInbox_Create(&inbox); s != NATS_OK)
      return {StatusCode::kInternal, natsStatus_GetText(s)};
    inbox_ = std::string(inbox) + ".";
    natsInbox_Destroy(inbox);
    sender_ = std::thread([this] { RunSender(); });
    sweeper_ = std::thread([this] { RunSweeper(); });
    return {};
  }

  void Ask(std::vector<Outgoing> messages, milliseconds timeout, Receiver receiver,
           const void* group) {
    {
      const MutexLock lock(mutex_);
      if (!closed_) {
        const std::uint64_t token = ++last_token_;
        requests_.emplace(token, Request{std::move(receiver), Clock::now() + timeout, group});
        queue_.push_back({std::move(messages), token});
        if (queue_.size() == 1) queue_filled_.NotifyAll();
        return;
      }
    }
    (void)receiver(NotConnected("it was closed"));
  }

  void Hurry(const void* group) {
    const MutexLock lock(mutex_);
    const Clock::time_point deadline = Clock::now() + kHurry;
    for (auto& [token, request] : requests_)
      if (request.group == group) request.deadline = std::min(request.deadline, deadline);
  }

  void Subscribe(std::string subject, Handler handler) {
    const MutexLock lock(mutex_);
    handlers_.emplace_back(std::move(subject), std::move(handler));
    if (connection_ != nullptr) (void)SubscribeOn(connection_, handlers_.back());
  }

  void Close() {
    std::unordered_map<std::uint64_t, Request> owed;
    {
      const MutexLock lock(mutex_);
      closed_ = true;
      owed.swap(requests_);
      queue_.clear();
      queue_filled_.NotifyAll();
      closing_.NotifyAll();
    }
    for (auto& [token, request] : owed) Fail(request, "it was closed");
    if (sender_.joinable()) sender_.join();
    if (sweeper_.joinable()) sweeper_.join();
    CloseConnection();
    const MutexLock lock(mutex_);
    while (running_ != 0) stopped_running_.Wait(mutex_);
  }

  bool connected() const {
    const MutexLock lock(mutex_);
    return connected_;
  }
  std::uint64_t connects() const {
    const MutexLock lock(mutex_);
    return connects_;
  }
  std::string last_error() const {
    const MutexLock lock(mutex_);
    return last_error_;
  }
  std::uint64_t payload_bytes_max() const { return payload_bytes_max_; }
  std::uint64_t timeouts() const {
    const MutexLock lock(mutex_);
    return timeouts_;
  }

 private:
  struct Request {
    Receiver receiver;
    Clock::time_point deadline;
    const void* group;
    bool sent = false;
  };
  struct Queued {
    std::vector<Outgoing> messages;
    std::uint64_t token;
  };
  using Subscription = std::pair<std::string, Handler>;  // a subject, and who is told
  // What a connection of cnats refers to, until cnats has closed it.
  struct Session {
    std::shared_ptr<Core> core;
  };
  // What a subscription of cnats refers to, until cnats has done with it.
  struct Subscriber {
    std::shared_ptr<Core> core;
    Handler handler;  // none: it is for answers
  };

  // False: cnats could not.
  bool SubscribeOn(natsConnection* connection, const Subscription& wanted)
      EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    auto subscriber = std::make_unique<Subscriber>(Subscriber{shared_from_this(), wanted.second});
    natsSubscription* subscription = nullptr;
    if (natsConnection_Subscribe(&subscription, connection, wanted.first.c_str(), OnMessage,
                                 subscriber.get()) != NATS_OK)
      return false;
    (void)natsSubscription_SetPendingLimits(subscription, -1, -1);
    (void)natsSubscription_SetOnCompleteCB(subscription, OnComplete, subscriber.release());
    subscriptions_.push_back(subscription);
    return true;
  }

  // Sends what comes, one after another; makes the connection, also where cnats gave one up.
  void RunSender() {
    for (;;) {
      Queued next;
      bool without = false;
      {
        const MutexLock lock(mutex_);
        while (queue_.empty() && !lost_ && connection_ != nullptr && !closed_)
          queue_filled_.Wait(mutex_);
        if (closed_) return;
        without = lost_ || connection_ == nullptr;
        if (!without) {
          next = std::move(queue_.front());
          queue_.pop_front();
          // Nobody waits any longer for what was given up.
          const auto request = requests_.find(next.token);
          if (request == requests_.end()) continue;
          request->second.sent = true;
        }
      }
      if (without) {
        CloseConnection();
        Connect();
      } else {
        Publish(next);
      }
    }
  }

  // One try; it goes on in cnats where no server can be reached.
  void Connect() {
    if (spare_session_ == nullptr)
      spare_session_ = std::make_unique<Session>(Session{shared_from_this()});
    const NatsCallbacks callbacks{spare_session_.get(), OnConnected, OnDisconnected, OnClosed,
                                  OnError};
    const Result<NatsOptions> options = MakeNatsOptions(options_, callbacks);
    natsConnection* connection = nullptr;
    const natsStatus s =
        options.ok() ? natsConnection_Connect(&connection, options->get()) : NATS_INVALID_ARG;
    const bool made = s == NATS_OK || s == NATS_NOT_YET_CONNECTED;
    if (s == NATS_OK) NoteConnected(connection);  // of which cnats does not tell
    const MutexLock lock(mutex_);
    lost_ = !made;
    last_error_ = !made ? natsStatus_GetText(s) : s == NATS_OK ? "" : ErrorOf(connection);
    if (made) {
      connection_ = connection;
      session_ = spare_session_.release();
      lost_ = !SubscribeOn(connection, {inbox_ + "*", nullptr});
      for (const Subscription& wanted : handlers_)
        lost_ = lost_ || !SubscribeOn(connection, wanted);
    }
    if (s != NATS_OK) logging::Warn("NATS is not connected yet", {{"error", last_error_}});
    if (!lost_) return;
    if (!closed_) (void)closing_.WaitUntil(mutex_, Clock::now() + kConnectWait);
  }

  void CloseConnection() {
    natsConnection* connection = nullptr;
    std::vector<natsSubscription*> subscriptions;
    {
      const MutexLock lock(mutex_);
      std::swap(connection, connection_);
      subscriptions.swap(subscriptions_);
      session_ = nullptr;
      connected_ = false;
    }
    if (connection == nullptr) return;
    natsConnection_Close(connection);
    for (natsSubscription* const subscription : subscriptions)
      natsSubscription_Destroy(subscription);
    natsConnection_Destroy(connection);
  }

  void Publish(const Queued& queued) {
    natsConnection* connection = nullptr;
    {
      const MutexLock lock(mutex_);
      connection = connection_;  // which this thread alone closes
    }
    natsStatus s = natsConnection_Status(connection) == NATS_CONN_STATUS_CONNECTED
                       ? NATS_OK
                       : NATS_CONNECTION_DISCONNECTED;
    for (const Outgoing& message : queued.messages) {
      const bool asks = &message == &queued.messages.back();
      if (s == NATS_OK) s = PublishOn(connection, message, asks ? queued.token : 0);
    }
    if (s == NATS_OK) return;
    std::optional<Request> request = Take(queued.token);
    if (!request) return;
    // The others say that nothing went out of what asks.
    request->sent = s != NATS_CONNECTION_DISCONNECTED && s != NATS_INSUFFICIENT_BUFFER &&
                    s != NATS_CONNECTION_CLOSED && s != NATS_MAX_PAYLOAD && s != NATS_DRAINING;
    Fail(*request, natsStatus_GetText(s));
  }

  natsStatus PublishOn(natsConnection* connection, const Outgoing& out, std::uint64_t token) {
    const std::string reply = token == 0 ? "" : inbox_ + std::to_string(token);
    const int bytes = static_cast<int>(out.data.size());
    if (out.headers.empty() && token != 0) {
      return natsConnection_PublishRequest(connection, out.subject.c_str(), reply.c_str(),
                                           out.data.data(), bytes);
    }
    natsMsg* made = nullptr;
    natsStatus s = natsMsg_Create(&made, out.subject.c_str(), token == 0 ? nullptr : reply.c_str(),
                                  out.data.data(), bytes);
    const std::unique_ptr<natsMsg, DestroyMessage> message(made);
    for (const auto& [name, value] : out.headers)
      if (s == NATS_OK) s = natsMsgHeader_Set(made, name, value.c_str());
    return s == NATS_OK ? natsConnection_PublishMsg(connection, made) : s;
  }

  // Gives up what has no answer in time.
  void RunSweeper() {
    for (;;) {
      std::vector<Request> late;
      {
        const MutexLock lock(mutex_);
        if (closed_) return;
        (void)closing_.WaitUntil(mutex_, Clock::now() + kSweepInterval);
        TakeLate(late);
        timeouts_ += late.size();
        running_ += late.empty() ? 0 : 1;
      }
      if (late.empty()) continue;
      for (Request& request : late) Fail(request, "NATS did not answer in time");
      StopRunning();
    }
  }

  void TakeLate(std::vector<Request>& late) EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const Clock::time_point now = Clock::now();
    for (auto request = requests_.begin(); request != requests_.end();) {
      if (request->second.deadline > now) {
        ++request;
        continue;
      }
      late.push_back(std::move(request->second));
      request = requests_.erase(request);
    }
    if (late.empty()) return;
    const auto given_up = [this](const Queued& queued) EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return requests_.find(queued.token) == requests_.end();
    };
    queue_.erase(std::remove_if(queue_.begin(), queue_.end(), given_up), queue_.end());
  }

  void OnAnswer(Incoming message) {
    std::uint64_t token = 0;
    const std::string_view text = message.subject().substr(inbox_.size());
    (void)std::from_chars(text.data(), text.data() + text.size(), token);
    std::optional<Request> request = Take(token);
    if (!request || request->receiver(std::move(message))) return;
    {
      const MutexLock lock(mutex_);
      if (!closed_) {
        requests_.emplace(token, std::move(*request));
        return;
      }
    }
    Fail(*request, "it was closed");
  }

  std::optional<Request> Take(std::uint64_t token) {
    const MutexLock lock(mutex_);
    const auto found = requests_.find(token);
    if (found == requests_.end()) return std::nullopt;
    std::optional<Request> request = std::move(found->second);
    requests_.erase(found);
    return request;
  }

  static void Fail(Request& request, const std::string& why) {
    const Status status =
        request.sent ? Status(StatusCode::kUnknownOutcome, why) : NotConnected(why);
    (void)request.receiver(status);
  }

  void StopRunning() {
    const MutexLock lock(mutex_);
    if (--running_ == 0) stopped_running_.NotifyAll();
  }

  static void OnMessage(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) {
    auto& subscriber = *static_cast<Subscriber*>(closure);
    Core& core = *subscriber.core;
    Incoming message(raw);
    {
      const MutexLock lock(core.mutex_);
      if (core.closed_) return;
      ++core.running_;
    }
    if (subscriber.handler) {
      subscriber.handler(message);
    } else {
      core.OnAnswer(std::move(message));
    }
    core.StopRunning();
  }
  static void OnComplete(void* closure) {
    const std::unique_ptr<Subscriber> done(static_cast<Subscriber*>(closure));
  }

  static std::string ErrorOf(natsConnection* connection) {
    const char* text = nullptr;
    const natsStatus s = natsConnection_GetLastError(connection, &text);
    return text != nullptr && *text != '\0' ? text : natsStatus_GetText(s);
  }

  static Core& CoreOf(void* closure) { return *static_cast<Session*>(closure)->core; }
  static void OnConnected(natsConnection* connection, void* closure) {
    CoreOf(closure).NoteConnected(connection);
  }
  static void OnDisconnected(natsConnection*, void* closure) { CoreOf(closure).NoteLoss(); }
  // cnats calls nothing for the connection after this. It gives one up where a server refuses the
  // client, as after a change of passwords.
  static void OnClosed(natsConnection*, void* closure) {
    const std::unique_ptr<Session> session(static_cast<Session*>(closure));
    Core& core = *session->core;
    const MutexLock lock(core.mutex_);
    if (core.session_ != session.get()) return;
    core.lost_ = true;
    core.queue_filled_.NotifyAll();
  }
  static void OnError(natsConnection*, natsSubscription*, natsStatus status, void* closure) {
    Core& core = CoreOf(closure);
    logging::Warn("NATS told of an error", {{"error", natsStatus_GetText(status)}});
    const MutexLock lock(core.mutex_);
    core.last_error_ = natsStatus_GetText(status);
  }

  void NoteConnected(natsConnection* connection) {
    // cnats may hold its own lock for long.
    payload_bytes_max_ = static_cast<std::uint64_t>(natsConnection_GetMaxPayload(connection));
    logging::Info("connected to NATS");
    const MutexLock lock(mutex_);
    connected_ = true;
    ++connects_;
  }
  void NoteLoss() {
    const MutexLock lock(mutex_);
    if (closed_ || !connected_) return;
    logging::Warn("the connection to NATS is lost");
    connected_ = false;
    const Clock::time_point deadline = Clock::now() + kAnswerAfterLoss;
    for (auto& [token, request] : requests_)
      if (request.sent) request.deadline = std::min(request.deadline, deadline);
  }

  std::string inbox_;  // what answers are sent to, before their request's number
  const ConnectionOptions options_;
  std::unique_ptr<Session> spare_session_;  // of the sender's thread
  std::thread sender_;
  std::thread sweeper_;
  std::atomic<std::uint64_t> payload_bytes_max_{0};

  mutable Mutex mutex_;
  CondVar queue_filled_;
  CondVar closing_;
  CondVar stopped_running_;
  natsConnection* connection_ GUARDED_BY(mutex_) = nullptr;
  bool closed_ GUARDED_BY(mutex_) = false;
  bool lost_ GUARDED_BY(mutex_) = false;  // cnats gave the connection up
  bool connected_ GUARDED_BY(mutex_) = false;
  std::uint64_t connects_ GUARDED_BY(mutex_) = 0;
  std::string last_error_ GUARDED_BY(mutex_);
  std::uint64_t timeouts_ GUARDED_BY(mutex_) = 0;
  std::uint64_t last_token_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::uint64_t, Request> requests_ GUARDED_BY(mutex_);
  std::deque<Queued> queue_ GUARDED_BY(mutex_);
  std::uint64_t running_ GUARDED_BY(mutex_) = 0;  // callbacks, now
  std::vector<Subscription> handlers_ GUARDED_BY(mutex_);
  std::vector<natsSubscription*> subscriptions_ GUARDED_BY(mutex_);
  const Session* session_ GUARDED_BY(mutex_) = nullptr;  // of connection_
};

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  auto core = std::make_shared<Core>(options);
  if (Status started = core->Start(); !started.ok()) return started;
  return std::unique_ptr<Connection>(new Connection(std::move(core)));
}

Connection::~Connection() { core_->Close(); }

void Connection::Ask(Outgoing message, milliseconds timeout, Receiver receiver, const void* group) {
  std::vector<Outgoing> messages;
  messages.push_back(std::move(message));
  core_->Ask(std::move(messages), timeout, std::move(receiver), group);
}

void Connection::Ask(std::vector<Outgoing> messages, milliseconds timeout, Receiver receiver,
                     const void* group) {
  core_->Ask(std::move(messages), timeout, std::move(receiver), group);
}

void Connection::Hurry(const void* group) { core_->Hurry(group); }

Result<Incoming> Connection::AskAndWait(Outgoing message, milliseconds timeout) {
  std::promise<Result<Incoming>> promise;
  Ask(std::move(message), timeout, [&](Result<Incoming> answer) {
    promise.set_value(std::move(answer));
    return true;
  });
  return promise.get_future().get();
}

void Connection::Subscribe(std::string subject, Handler handler) {
  core_->Subscribe(std::move(subject), std::move(handler));
}

bool Connection::connected() const { return core_->connected(); }
std::uint64_t Connection::connects() const { return core_->connects(); }
std::string Connection::last_error() const { return core_->last_error(); }
std::uint64_t Connection::payload_bytes_max() const { return core_->payload_bytes_max(); }
std::uint64_t Connection::timeouts() const { return core_->timeouts(); }
void Connection::Close() { core_->Close(); }

}  // namespace daybook::jetstream
