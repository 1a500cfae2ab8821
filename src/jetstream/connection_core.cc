// What the loop's thread does.
#include "jetstream/connection_core.h"

#include <charconv>
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
// Written at once, at least where there is so much.
constexpr std::size_t kWriteBytes = 256 << 10;

// That a message did not go out.
bool IsUnsent(natsStatus status) {
  return status == NATS_CONNECTION_DISCONNECTED || status == NATS_INSUFFICIENT_BUFFER ||
         status == NATS_CONNECTION_CLOSED || status == NATS_MAX_PAYLOAD || status == NATS_DRAINING;
}

}  // namespace

void Connection::Core::RunLoop() {
  while (!closed_) {
    if (link_ == nullptr) {
      Connect();
    } else {
      Serve();
    }
  }
  connected_ = false;
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
  link_ = std::move(link);
  servers_.Learn(link_->OtherServers());
  subscribed_ = 0;
  SubscribeNew();
  link_->Write();
  payload_bytes_max_ = link_->payload_bytes_max();
  linked_ = Clock::now();
  heard_ = linked_;
  pinged_ = false;
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
  const bool has_room = !events_->wants_write();
  const SocketEvents::Ready ready = events_->Wait(kWaitMax, [this, has_room] {
    return closed_ || subscribed_ != handler_count_ || (has_room && requests_.has_unsent());
  });
  const Clock::time_point now = Clock::now();
  if (ready.readable) {
    link_->Read();
    heard_ = now;
    pinged_ = false;
  }
  if (ready.writable) {
    stuck_since_ = Clock::time_point::max();
    link_->Write();
  }
  if (!pinged_ && now - heard_.load() > kPingAfter) {
    pinged_ = true;
    link_->Ping();
    link_->Write();
  }
  SubscribeNew();
  Send();
  if (!events_->wants_write()) {
    stuck_since_ = Clock::time_point::max();
  } else if (stuck_since_.load() == Clock::time_point::max()) {
    stuck_since_ = now;
  }
  if (!events_->attached()) Lose();
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

// Until nothing is left, or there is no room.
void Connection::Core::Send() {
  while (events_->attached() && !events_->wants_write()) {
    if (sending_.empty()) requests_.TakeUnsent(kWriteBytes, sending_);
    if (sending_.empty()) return;
    for (std::size_t bytes = 0; !sending_.empty() && bytes < kWriteBytes;) bytes += PublishNext();
    link_->Write();
  }
}

std::size_t Connection::Core::PublishNext() {
  Unsent& unsent = sending_.front();
  const bool asks = unsent.published == unsent.before.size();
  const Outgoing& message = asks ? unsent.message : unsent.before[unsent.published];
  const std::size_t bytes = message.bytes();
  reply_.resize(inbox_.size());
  if (asks) {
    char digits[std::numeric_limits<std::uint64_t>::digits10 + 1];
    reply_.append(digits, std::to_chars(digits, std::end(digits), unsent.token).ptr);
  }
  const natsStatus s = link_->Publish(message, asks ? reply_ : "");
  ++unsent.published;
  if (s != NATS_OK) {
    if (const RequestPtr request = requests_.Take(unsent.token)) {
      requests_.Done(unsent.token);
      request->sent = !IsUnsent(s);
      Fail(*request, natsStatus_GetText(s));
    }
  }
  if (s != NATS_OK || asks) sending_.pop_front();
  return bytes;
}

void Connection::Core::Lose() {
  const std::string error = link_->Error();
  logging::Warn("the connection to NATS is lost", {{"error", error}});
  connected_ = false;
  refuses_ = true;
  NoteError(error);
  servers_.Learn(link_->OtherServers());
  link_.reset();
  stuck_since_ = Clock::time_point::max();
  requests_.HurrySent(Clock::now() + kAnswerAfterLoss);
  // Of these the message that asks did not go out.
  for (const Unsent& unsent : std::exchange(sending_, {})) {
    if (const RequestPtr request = requests_.Take(unsent.token)) {
      requests_.Done(unsent.token);
      request->sent = false;
      Fail(*request, error);
    }
  }
  FailUnsent(error);
  if (Clock::now() < linked_ + kConnectWait) PauseConnecting();
}

void Connection::Core::FailUnsent(const std::string& why) {
  for (const RequestPtr& request : requests_.TakeAllUnsent()) Fail(*request, why);
}

}  // namespace daybook::jetstream
