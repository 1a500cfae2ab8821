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

#include "base/check.h"
#include "base/logging.h"
#include "base/mutex.h"

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectTimeout{2'000};
constexpr milliseconds kReconnectWait{500};
constexpr milliseconds kReconnectJitter{500};
constexpr milliseconds kWriteDeadline{2'000};
constexpr milliseconds kPingInterval{5'000};
constexpr int kPingsWithoutAnswer = 2;
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

Status StatusOf(natsStatus status, const std::string& doing) {
  return {StatusCode::kUnavailable, doing + ": " + natsStatus_GetText(status)};
}

struct DestroyOptions {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
using OptionsPtr = std::unique_ptr<natsOptions, DestroyOptions>;

struct DestroyMessage {
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};

// The servers of "nats://a:4222,nats://b:4222".
std::vector<std::string> ServersOf(const std::string& url) {
  std::vector<std::string> servers;
  for (std::size_t begin = 0; begin <= url.size();) {
    const std::size_t end = std::min(url.find(',', begin), url.size());
    if (end > begin) servers.push_back(url.substr(begin, end - begin));
    begin = end + 1;
  }
  return servers;
}

// kInvalidArgument: cnats refuses one of them.
class OptionsBuilder {
 public:
  OptionsBuilder() {
    natsOptions* made = nullptr;
    Add("natsOptions_Create", natsOptions_Create(&made));
    options_.reset(made);
  }

  natsOptions* get() const { return options_.get(); }
  void Add(const char* what, natsStatus status) {
    if (status == NATS_OK || !failure_.ok()) return;
    failure_ = {StatusCode::kInvalidArgument,
                std::string(what) + ": " + natsStatus_GetText(status)};
  }
  Result<OptionsPtr> Take() && {
    if (!failure_.ok()) return failure_;
    return std::move(options_);
  }

 private:
  OptionsPtr options_;
  Status failure_;
};

void AddAccess(OptionsBuilder& builder, const ConnectionOptions& options) {
  natsOptions* const o = builder.get();
  if (!options.user.empty()) {
    builder.Add("the user of NATS",
                natsOptions_SetUserInfo(o, options.user.c_str(), options.password.c_str()));
  }
  if (!options.credentials_file.empty()) {
    builder.Add("the credentials of NATS", natsOptions_SetUserCredentialsFromFiles(
                                               o, options.credentials_file.c_str(), nullptr));
  }
  if (!options.nkey.empty()) {
    builder.Add("the NKey of NATS", natsOptions_SetNKeyFromSeed(o, options.nkey.c_str(),
                                                                options.nkey_seed_file.c_str()));
  }
  if (!options.tls_ca_file.empty()) {
    builder.Add("the CA of NATS",
                natsOptions_LoadCATrustedCertificates(o, options.tls_ca_file.c_str()));
  }
  if (!options.tls_certificate_file.empty()) {
    builder.Add("the certificate for NATS",
                natsOptions_LoadCertificatesChain(o, options.tls_certificate_file.c_str(),
                                                  options.tls_key_file.c_str()));
  }
}

}  // namespace

class Connection::Core : public std::enable_shared_from_this<Core> {
 public:
  ~Core() { natsConnection_Destroy(connection_); }

  Status Start(const ConnectionOptions& options) {
    Result<OptionsPtr> made = MakeOptions(options);
    if (!made.ok()) return made.status();
    options_ = *std::move(made);
    natsInbox* inbox = nullptr;
    if (const natsStatus s = natsInbox_Create(&inbox); s != NATS_OK)
      return StatusOf(s, "natsInbox_Create");
    inbox_ = std::string(inbox) + ".";
    natsInbox_Destroy(inbox);
    sender_ = std::thread([this] { RunSender(); });
    sweeper_ = std::thread([this] { RunSweeper(); });
    return {};
  }

  void Ask(Outgoing message, milliseconds timeout, Receiver receiver, const void* group) {
    std::optional<Status> refused;
    {
      const MutexLock lock(mutex_);
      if (closed_) {
        refused = Status(StatusCode::kUnavailable, "the connection to NATS is closed");
      } else {
        const std::uint64_t token = ++last_token_;
        requests_.emplace(token, Request{std::move(receiver), Clock::now() + timeout, group});
        queue_.push_back({std::move(message), token});
        if (queue_.size() == 1) queue_filled_.NotifyAll();
      }
    }
    if (refused) receiver(*refused);
  }

  void Hurry(const void* group) {
    const MutexLock lock(mutex_);
    const Clock::time_point deadline = Clock::now() + kHurry;
    for (auto& [token, request] : requests_)
      if (request.group == group) request.deadline = std::min(request.deadline, deadline);
  }

  void Send(Outgoing message) {
    const MutexLock lock(mutex_);
    if (closed_) return;
    queue_.push_back({std::move(message), 0});
    if (queue_.size() == 1) queue_filled_.NotifyAll();
  }

  Status Subscribe(const std::string& subject, Handler handler) {
    natsConnection* const connection = Connected();
    if (connection == nullptr) return NotConnected(last_error());
    return SubscribeOn(connection, subject, std::move(handler));
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
    for (auto& [token, request] : owed) Fail(request, "the connection to NATS was closed");
    if (sender_.joinable()) sender_.join();
    if (sweeper_.joinable()) sweeper_.join();
    if (natsConnection* const connection = Connected(); connection != nullptr)
      natsConnection_Close(connection);
    std::vector<natsSubscription*> subscriptions;
    {
      const MutexLock lock(mutex_);
      subscriptions.swap(subscriptions_);
      while (running_ != 0) stopped_running_.Wait(mutex_);
    }
    for (natsSubscription* const subscription : subscriptions)
      natsSubscription_Destroy(subscription);
  }

  bool connected() const {
    const MutexLock lock(mutex_);
    return connected_;
  }
  Clock::time_point state_since() const {
    const MutexLock lock(mutex_);
    return state_since_;
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
  ConnectionStats stats() const {
    const MutexLock lock(mutex_);
    ConnectionStats stats = stats_;
    stats.reconnects = connects_ == 0 ? 0 : connects_ - 1;
    stats.in_flight = requests_.size();
    stats.queued = queue_.size();
    return stats;
  }

 private:
  struct Request {
    Receiver receiver;
    Clock::time_point deadline;
    const void* group;
    bool sent = false;
  };
  struct Queued {
    Outgoing message;
    std::uint64_t token;  // 0: nobody awaits an answer
  };
  // What a subscription of cnats refers to, until cnats has done with it.
  struct Subscriber {
    std::shared_ptr<Core> core;
    Handler handler;  // none: it is for answers
  };

  Result<OptionsPtr> MakeOptions(const ConnectionOptions& options) {
    OptionsBuilder builder;
    natsOptions* const o = builder.get();
    const std::vector<std::string> servers = ServersOf(options.url);
    std::vector<const char*> urls;
    for (const std::string& server : servers) urls.push_back(server.c_str());
    builder.Add("the URL of NATS",
                natsOptions_SetServers(o, urls.data(), static_cast<int>(urls.size())));
    builder.Add("name", natsOptions_SetName(o, options.name.c_str()));
    AddAccess(builder, options);
    builder.Add("timeout", natsOptions_SetTimeout(o, kConnectTimeout.count()));
    builder.Add("reconnects", natsOptions_SetMaxReconnect(o, -1));
    builder.Add("reconnect wait", natsOptions_SetReconnectWait(o, kReconnectWait.count()));
    builder.Add("jitter", natsOptions_SetReconnectJitter(o, kReconnectJitter.count(),
                                                         kReconnectJitter.count()));
    // Nothing is kept to be sent after a loss of the connection.
    builder.Add("reconnect buffer", natsOptions_SetReconnectBufSize(o, 0));
    builder.Add("pings", natsOptions_SetPingInterval(o, kPingInterval.count()));
    builder.Add("pings", natsOptions_SetMaxPingsOut(o, kPingsWithoutAnswer));
    builder.Add("write deadline", natsOptions_SetWriteDeadline(o, kWriteDeadline.count()));
    // cnats would else wait a millisecond for more to send.
    builder.Add("send at once", natsOptions_SetSendAsap(o, true));
    builder.Add("one thread of delivery", natsOptions_UseGlobalMessageDelivery(o, true));
    builder.Add("retries", natsOptions_SetRetryOnFailedConnect(o, true, OnConnected, this));
    builder.Add("callback", natsOptions_SetReconnectedCB(o, OnConnected, this));
    builder.Add("callback", natsOptions_SetDisconnectedCB(o, OnDisconnected, this));
    builder.Add("callback", natsOptions_SetClosedCB(o, OnClosed, this));
    builder.Add("callback", natsOptions_SetErrorHandler(o, OnError, this));
    return std::move(builder).Take();
  }

  natsConnection* Connected() const {
    const MutexLock lock(mutex_);
    return connection_;
  }

  Status SubscribeOn(natsConnection* connection, const std::string& subject, Handler handler) {
    auto subscriber =
        std::make_unique<Subscriber>(Subscriber{shared_from_this(), std::move(handler)});
    natsSubscription* subscription = nullptr;
    const natsStatus s = natsConnection_Subscribe(&subscription, connection, subject.c_str(),
                                                  OnMessage, subscriber.get());
    if (s != NATS_OK) return StatusOf(s, "subscribe to " + subject);
    (void)natsSubscription_SetPendingLimits(subscription, -1, -1);
    (void)natsSubscription_SetOnCompleteCB(subscription, OnComplete, subscriber.release());
    const MutexLock lock(mutex_);
    subscriptions_.push_back(subscription);
    return {};
  }

  // Sends what comes, one after another.
  void RunSender() {
    if (!Connect()) return;
    for (;;) {
      std::deque<Queued> taken;
      {
        const MutexLock lock(mutex_);
        while (queue_.empty() && !closed_) queue_filled_.Wait(mutex_);
        if (closed_) return;
        taken.swap(queue_);
        for (const Queued& queued : taken) {
          const auto request = requests_.find(queued.token);
          if (request != requests_.end()) request->second.sent = true;
        }
      }
      for (Queued& queued : taken) Publish(std::move(queued));
    }
  }

  // False: it was closed before there was something to close.
  bool Connect() {
    natsConnection* connection = nullptr;
    natsStatus s = NATS_OK;
    for (;;) {
      s = natsConnection_Connect(&connection, options_.get());
      if (s == NATS_OK || s == NATS_NOT_YET_CONNECTED) break;
      const MutexLock lock(mutex_);
      last_error_ = natsStatus_GetText(s);
      if (closed_) return false;
      (void)closing_.WaitUntil(mutex_, Clock::now() + kReconnectWait);
      if (closed_) return false;
    }
    const Status subscribed = SubscribeOn(connection, inbox_ + "*", nullptr);
    CHECK(subscribed.ok(), subscribed.message());
    const MutexLock lock(mutex_);
    connection_ = connection;
    self_ = shared_from_this();
    // Then cnats tells of no first connection.
    if (s == NATS_OK) NoteConnected(connection);
    return true;
  }

  void Publish(Queued queued) {
    natsStatus s = NATS_OK;
    natsConnection* const connection = Connected();
    if (natsConnection_Status(connection) != NATS_CONN_STATUS_CONNECTED) {
      s = NATS_CONNECTION_DISCONNECTED;
    } else {
      s = PublishOn(connection, queued);
    }
    if (s == NATS_OK || queued.token == 0) return;
    std::optional<Request> request = Take(queued.token);
    if (!request) return;
    // The others say that nothing went out.
    request->sent = s != NATS_CONNECTION_DISCONNECTED && s != NATS_INSUFFICIENT_BUFFER &&
                    s != NATS_CONNECTION_CLOSED && s != NATS_MAX_PAYLOAD && s != NATS_DRAINING;
    Fail(*request, natsStatus_GetText(s));
  }

  natsStatus PublishOn(natsConnection* connection, const Queued& queued) {
    const Outgoing& out = queued.message;
    const std::string reply = queued.token == 0 ? "" : inbox_ + std::to_string(queued.token);
    const int bytes = static_cast<int>(out.data.size());
    if (out.headers.empty()) {
      return queued.token == 0
                 ? natsConnection_Publish(connection, out.subject.c_str(), out.data.data(), bytes)
                 : natsConnection_PublishRequest(connection, out.subject.c_str(), reply.c_str(),
                                                 out.data.data(), bytes);
    }
    natsMsg* made = nullptr;
    natsStatus s =
        natsMsg_Create(&made, out.subject.c_str(), queued.token == 0 ? nullptr : reply.c_str(),
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
        const Clock::time_point now = Clock::now();
        for (auto request = requests_.begin(); request != requests_.end();) {
          if (request->second.deadline > now) {
            ++request;
            continue;
          }
          late.push_back(std::move(request->second));
          request = requests_.erase(request);
        }
        stats_.timeouts += late.size();
        running_ += late.empty() ? 0 : 1;
      }
      if (late.empty()) continue;
      for (Request& request : late) Fail(request, "NATS did not answer in time");
      StopRunning();
    }
  }

  void OnAnswer(Incoming message) {
    std::uint64_t token = 0;
    const std::string_view text = message.subject().substr(inbox_.size());
    (void)std::from_chars(text.data(), text.data() + text.size(), token);
    std::optional<Request> request = Take(token);
    if (!request || request->receiver(std::move(message))) return;
    std::optional<Request> failed;
    {
      const MutexLock lock(mutex_);
      if (closed_) {
        failed = std::move(request);
      } else {
        requests_.emplace(token, std::move(*request));
      }
    }
    if (failed) Fail(*failed, "the connection to NATS was closed");
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

  static void OnConnected(natsConnection* connection, void* closure) {
    auto& core = *static_cast<Core*>(closure);
    const MutexLock lock(core.mutex_);
    core.NoteConnected(connection);
  }
  static void OnDisconnected(natsConnection* connection, void* closure) {
    const char* error = nullptr;
    (void)natsConnection_GetLastError(connection, &error);
    static_cast<Core*>(closure)->NoteLoss(error == nullptr ? "" : error);
  }
  // cnats calls nothing after that.
  static void OnClosed(natsConnection*, void* closure) {
    auto& core = *static_cast<Core*>(closure);
    std::shared_ptr<Core> self;
    const MutexLock lock(core.mutex_);
    self.swap(core.self_);
  }
  static void OnError(natsConnection*, natsSubscription*, natsStatus status, void* closure) {
    auto& core = *static_cast<Core*>(closure);
    logging::Warn("NATS told of an error", {{"error", natsStatus_GetText(status)}});
    const MutexLock lock(core.mutex_);
    ++core.stats_.errors;
    core.last_error_ = natsStatus_GetText(status);
  }

  void NoteConnected(natsConnection* connection) EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    logging::Info("connected to NATS");
    payload_bytes_max_ = static_cast<std::uint64_t>(natsConnection_GetMaxPayload(connection));
    connected_ = true;
    state_since_ = Clock::now();
    ++connects_;
  }
  void NoteLoss(const std::string& error) {
    const MutexLock lock(mutex_);
    if (!closed_) logging::Warn("the connection to NATS is lost", {{"error", error}});
    connected_ = false;
    state_since_ = Clock::now();
    ++stats_.disconnects;
    last_error_ = error;
    for (auto& [token, request] : requests_)
      if (request.sent)
        request.deadline = std::min(request.deadline, state_since_ + kAnswerAfterLoss);
  }

  std::string inbox_;  // what answers are sent to, before their request's number
  OptionsPtr options_;
  std::thread sender_;
  std::thread sweeper_;
  std::atomic<std::uint64_t> payload_bytes_max_{0};

  mutable Mutex mutex_;
  CondVar queue_filled_;
  CondVar closing_;
  CondVar stopped_running_;
  natsConnection* connection_ GUARDED_BY(mutex_) = nullptr;
  bool closed_ GUARDED_BY(mutex_) = false;
  bool connected_ GUARDED_BY(mutex_) = false;
  Clock::time_point state_since_ GUARDED_BY(mutex_) = Clock::now();
  std::uint64_t connects_ GUARDED_BY(mutex_) = 0;
  std::string last_error_ GUARDED_BY(mutex_);
  ConnectionStats stats_ GUARDED_BY(mutex_);
  std::uint64_t last_token_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::uint64_t, Request> requests_ GUARDED_BY(mutex_);
  std::deque<Queued> queue_ GUARDED_BY(mutex_);
  std::uint64_t running_ GUARDED_BY(mutex_) = 0;  // callbacks, now
  std::vector<natsSubscription*> subscriptions_ GUARDED_BY(mutex_);
  std::shared_ptr<Core> self_ GUARDED_BY(mutex_);  // while cnats may call it
};

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  auto core = std::make_shared<Core>();
  if (Status started = core->Start(options); !started.ok()) return started;
  return std::unique_ptr<Connection>(new Connection(std::move(core)));
}

Connection::~Connection() { core_->Close(); }

void Connection::Ask(Outgoing message, milliseconds timeout, Receiver receiver, const void* group) {
  core_->Ask(std::move(message), timeout, std::move(receiver), group);
}

void Connection::Hurry(const void* group) { core_->Hurry(group); }

Result<Incoming> Connection::AskAndWait(Outgoing message, milliseconds timeout) {
  std::promise<Result<Incoming>> promise;
  const auto receive = [&](Result<Incoming> answer) {
    promise.set_value(std::move(answer));
    return true;
  };
  core_->Ask(std::move(message), timeout, receive, nullptr);
  return promise.get_future().get();
}

void Connection::Send(Outgoing message) { core_->Send(std::move(message)); }

Status Connection::Subscribe(const std::string& subject, Handler handler) {
  return core_->Subscribe(subject, std::move(handler));
}

bool Connection::connected() const { return core_->connected(); }
Connection::Clock::time_point Connection::state_since() const { return core_->state_since(); }
std::uint64_t Connection::connects() const { return core_->connects(); }
std::string Connection::last_error() const { return core_->last_error(); }
std::uint64_t Connection::payload_bytes_max() const { return core_->payload_bytes_max(); }
ConnectionStats Connection::stats() const { return core_->stats(); }
void Connection::Close() { core_->Close(); }

}  // namespace daybook::jetstream
