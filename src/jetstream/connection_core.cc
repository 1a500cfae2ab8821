// What the loop's thread does.
#include "jetstream/connection_core.h"

#include <limits>
#include <random>
#include <utility>

#include "base/logging.h"
#include "jetstream/nats_options.h"

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

// Until another try, after each server was tried.
constexpr milliseconds kConnectWait{500};
constexpr int kConnectJitterMs = 500;
// How long an answer is awaited that was asked for before the connection was lost. It may still
// come over the next one.
constexpr milliseconds kAnswerAfterLoss{1'000};
// A server that is silent for so long is asked to say something.
constexpr milliseconds kPingAfter{5'000};
constexpr milliseconds kWaitMax{1'000};
}  // namespace

void Connection::Core::RunLoop() {
  while (!closed_) {
    if (has_link_) {
      Serve();
    } else {
      Connect();
    }
  }
  connected_ = false;
  const GateLock gate(gate_);
  link_.reset();
}

// One try.
void Connection::Core::Connect() {
  const auto tell_error = [core = shared_from_this()](const std::string& error) {
    core->NoteError(error);
  };
  auto link = Link::Connect(options_, servers_.Next(), events_, tell_error);
  if (link.ok() && SubscribeInbox(**link)) return TakeUp(*std::move(link));
  const std::string error = link.ok() ? (*link)->Error() : link.status().message();
  bool is_new = false;
  {
    const MutexLock lock(mutex_);
    is_new = std::exchange(last_error_, error) != error;
  }
  if (is_new) logging::Warn("NATS is not connected yet", {{"error", error}});
  if (!servers_.round_is_over()) return;
  refuses_ = true;
  FailUnsent(error);
  PauseConnecting();
}

bool Connection::Core::SubscribeInbox(Link& link) {
  return link.Subscribe(inbox_ + "*", [core = shared_from_this()](Incoming message) {
    if (core->BeginCallback()) core->OnAnswer(std::move(message));
    core->EndCallback();
  });
}

void Connection::Core::TakeUp(std::unique_ptr<Link> link) {
  servers_.Learn(link->OtherServers());
  payload_bytes_max_ = link->payload_bytes_max();
  linked_ = Clock::now();
  heard_ = linked_;
  pinged_ = false;
  knows_wire_ = false;
  subscribed_ = 0;
  has_link_ = true;
  {
    const GateLock gate(gate_);
    link_ = std::move(link);
    SubscribeNew();
    link_->Write();
  }
  NoteError("");
  ++connects_;
  connected_ = true;
  refuses_ = false;
  logging::Info("connected to NATS");
}

void Connection::Core::PauseConnecting() {
  thread_local std::minstd_rand random{std::random_device()()};
  const milliseconds wait =
      kConnectWait + milliseconds(std::uniform_int_distribution<int>(0, kConnectJitterMs)(random));
  const MutexLock lock(mutex_);
  if (!closed_) (void)closing_.WaitUntil(mutex_, Clock::now() + wait);
}

void Connection::Core::Serve() {
  const SocketEvents::Ready ready = events_->Wait(kWaitMax, [this] {
    return closed_ || subscribed_ != handler_count_ ||
           (requests_.has_unsent() && !events_->wants_write());
  });
  const Clock::time_point now = Clock::now();
  Failures failures;
  {
    const GateLock gate(gate_);
    if (ready.readable) Read();
    if (ready.writable) {
      stuck_since_ = Clock::time_point::max();
      link_->Write();
    }
    PingIfSilent(now);
    SubscribeNew();
    Send(std::numeric_limits<std::size_t>::max(), failures);
    if (!events_->wants_write()) {
      stuck_since_ = Clock::time_point::max();
    } else if (stuck_since_.load() == Clock::time_point::max()) {
      stuck_since_ = now;
    }
  }
  Fail(failures);
  if (!events_->attached()) Lose();
}

// What a server of NATS says begins with a letter or a sign, what TLS does with a number below
// those.
void Connection::Core::Read() {
  if (!knows_wire_) {
    const int first = events_->Peek();
    knows_wire_ = first >= 0;
    is_plain_ = first >= ' ';
  }
  link_->Read();
  heard_ = Clock::now();
  pinged_ = false;
}

void Connection::Core::PingIfSilent(Clock::time_point now) {
  if (pinged_ || now - heard_.load() < kPingAfter) return;
  pinged_ = true;
  link_->Ping();
  link_->Write();
}

// What is subscribed to is known of before what is asked for.
void Connection::Core::SubscribeNew() {
  if (subscribed_ == handler_count_) return;
  for (; subscribed_ < handler_count_; ++subscribed_) {
    const MutexLock lock(mutex_);
    const Subscription& wanted = handlers_[subscribed_];  // which is never moved
    const bool done = link_->Subscribe(
        wanted.subject, [core = shared_from_this(), &wanted](const Incoming& message) {
          if (core->BeginCallback()) wanted.handler(message);
          core->EndCallback();
        });
    if (!done) logging::Warn("a subject cannot be subscribed to", {{"subject", wanted.subject}});
  }
  link_->Write();
}

void Connection::Core::Lose() {
  connected_ = false;
  refuses_ = true;
  is_plain_ = false;
  has_link_ = false;
  std::string error;
  Failures failures;
  {
    const GateLock gate(gate_);
    error = link_->Error();
    servers_.Learn(link_->OtherServers());
    link_.reset();
    // Of these the message that asks did not go out.
    for (const Unsent& unsent : std::exchange(sending_, {})) {
      RequestPtr request = requests_.Take(unsent.token);
      if (request == nullptr) continue;
      requests_.Done(unsent.token);
      request->sent = false;
      failures.emplace_back(std::move(request), error);
    }
  }
  logging::Warn("the connection to NATS is lost", {{"error", error}});
  NoteError(error);
  stuck_since_ = Clock::time_point::max();
  requests_.HurrySent(Clock::now() + kAnswerAfterLoss);
  Fail(failures);
  FailUnsent(error);
  if (Clock::now() < linked_ + kConnectWait) PauseConnecting();
}

void Connection::Core::FailUnsent(const std::string& why) {
  for (const RequestPtr& request : requests_.TakeAllUnsent()) Fail(*request, why);
}

}  // namespace daybook::jetstream
