#include "jetstream/connection.h"

#include <charconv>
#include <future>
#include <utility>

#include "base/logging.h"
#include "jetstream/connection_core.h"
#include "jetstream/nats_options.h"

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

// For what nobody is expected to answer any more.
constexpr milliseconds kHurry{100};
// How exact deadlines are.
constexpr milliseconds kWatchInterval{50};
// A server of which nothing is heard for so long, though it was asked to say something, or that
// takes nothing for so long, is taken for gone.
constexpr milliseconds kSilentMax{10'000};
constexpr milliseconds kStuckMax{2'000};

Status NotConnected(const std::string& why) {
  return {StatusCode::kUnavailable,
          "there is no connection to NATS" + (why.empty() ? "" : ": " + why)};
}

}  // namespace

Connection::Core::Core(const ConnectionOptions& options)
    : options_(options),
      events_(std::make_shared<SocketEvents>()),
      servers_(ServersOf(options.url)) {}

Status Connection::Core::Start() {
  for (const std::string& server : ServersOf(options_.url))
    if (const auto made = MakeNatsOptions(options_, server, {}); !made.ok()) return made.status();
  natsInbox* inbox = nullptr;
  if (const natsStatus s = natsInbox_Create(&inbox); s != NATS_OK)
    return {StatusCode::kInternal, natsStatus_GetText(s)};
  inbox_ = std::string(inbox) + ".";
  natsInbox_Destroy(inbox);
  {
    const GateLock gate(gate_);
    reply_ = inbox_;
  }
  loop_ = std::thread([this] { RunLoop(); });
  watch_ = std::thread([this] { RunWatch(); });
  return {};
}

void Connection::Core::Ask(RequestPtr request) {
  if (refuses_) return Fail(*request, last_error());
  if (const RequestPtr refused = requests_.Add(std::move(request)))
    return Fail(*refused, "it was closed");
  if (!Turn::PutOffBrief(*this)) SendNow();
}

void Connection::Core::Hurry(const void* group) {
  requests_.HurryGroup(group, Clock::now() + kHurry);
}

void Connection::Core::Subscribe(std::string subject, Handler handler) {
  {
    const MutexLock lock(mutex_);
    handlers_.push_back({std::move(subject), std::move(handler)});
    handler_count_ = handlers_.size();
  }
  events_->Wake();
}

void Connection::Core::Close() {
  closed_ = true;
  for (const RequestPtr& request : requests_.Close()) Fail(*request, "it was closed");
  {
    const MutexLock lock(mutex_);
    closing_.NotifyAll();
  }
  events_->Wake();
  if (loop_.joinable()) loop_.join();
  if (watch_.joinable()) watch_.join();
  const MutexLock lock(mutex_);
  while (running_ != 0) stopped_running_.Wait(mutex_);
}

std::string Connection::Core::last_error() const {
  const MutexLock lock(mutex_);
  return last_error_;
}

void Connection::Core::NoteError(const std::string& error) {
  const MutexLock lock(mutex_);
  last_error_ = error;
}

void Connection::Core::RunWatch() {
  while (!closed_) {
    {
      const MutexLock lock(mutex_);
      if (!closed_) (void)closing_.WaitUntil(mutex_, Clock::now() + kWatchInterval);
    }
    const Clock::time_point now = Clock::now();
    BreakIfSilent(now);
    // What was asked for when the connection was being lost.
    if (refuses_) FailUnsent(last_error());
    for (const RequestPtr& request : requests_.TakeLate(now)) {
      ++timeouts_;
      Fail(*request, "NATS did not answer in time");
    }
  }
}

void Connection::Core::BreakIfSilent(Clock::time_point now) {
  if (!connected_) return;
  const bool silent = now - heard_.load() > kSilentMax;
  const bool stuck = stuck_since_.load() < now - kStuckMax;
  if (!silent && !stuck) return;
  logging::Warn(silent ? "NATS is silent" : "NATS takes nothing");
  events_->Break();
}

void Connection::Core::OnAnswer(Incoming message) {
  std::uint64_t token = 0;
  const std::string_view text = message.subject().substr(inbox_.size());
  (void)std::from_chars(text.data(), text.data() + text.size(), token);
  RequestPtr request = requests_.Take(token);
  if (request == nullptr) return;
  if (request->receiver(std::move(message))) return requests_.Done(token);
  if (const RequestPtr left = requests_.PutBack(std::move(request))) Fail(*left, "it was closed");
}

bool Connection::Core::BeginCallback() {
  ++running_;
  return !closed_;
}

void Connection::Core::EndCallback() {
  if (--running_ != 0 || !closed_) return;
  const MutexLock lock(mutex_);
  stopped_running_.NotifyAll();
}

void Connection::Core::Fail(Request& request, const std::string& why) {
  const Status status = request.sent ? Status(StatusCode::kUnknownOutcome, why) : NotConnected(why);
  (void)request.receiver(status);
}

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  auto core = std::make_shared<Core>(options);
  if (Status started = core->Start(); !started.ok()) return started;
  return std::unique_ptr<Connection>(new Connection(std::move(core)));
}

Connection::~Connection() { core_->Close(); }

void Connection::Ask(Outgoing message, milliseconds timeout, Receiver receiver, const void* group) {
  auto request = std::make_unique<Request>();
  request->message = std::move(message);
  request->receiver = std::move(receiver);
  request->deadline = Clock::now() + timeout;
  request->group = group;
  core_->Ask(std::move(request));
}

void Connection::Ask(std::vector<Outgoing> messages, milliseconds timeout, Receiver receiver,
                     const void* group) {
  auto request = std::make_unique<Request>();
  request->message = std::move(messages.back());
  messages.pop_back();
  request->before = std::move(messages);
  request->receiver = std::move(receiver);
  request->deadline = Clock::now() + timeout;
  request->group = group;
  core_->Ask(std::move(request));
}

void Connection::Hurry(const void* group) { core_->Hurry(group); }

Result<Incoming> Connection::AskAndWait(Outgoing message, milliseconds timeout) {
  std::promise<Result<Incoming>> promise;
  Ask(std::move(message), timeout, [&](Result<Incoming> answer) {
    promise.set_value(std::move(answer));
    return true;
  });
  core_->SendNow();
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
