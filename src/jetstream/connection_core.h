// Connection::Core is what is behind a Connection, and outlives it while cnats refers to it.
//
// Its loop's thread makes one Link after another, reads it, and sends what is asked. A thread that
// has asked sends it itself where nobody else is at the link at that moment and nothing waits for
// room there, which saves the way by the loop; not with TLS, where cnats may wait. Its watch's
// thread gives up what is not answered in time, and breaks a connection whose server is silent, or
// takes nothing: the loop's thread may be held up in it (TLS). Answers come on cnats' thread of
// delivery. No lock is held over a receiver or handler. Lock order: gate_, mutex_, that of the
// requests, those of cnats, that of the events.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/turn.h"
#include "jetstream/connection.h"
#include "jetstream/gate.h"
#include "jetstream/link.h"
#include "jetstream/request_table.h"
#include "jetstream/server_list.h"
#include "jetstream/socket_events.h"

namespace daybook::jetstream {

class Connection::Core : public std::enable_shared_from_this<Core>, private TurnWork {
 public:
  explicit Core(const ConnectionOptions& options);

  Status Start();
  void Ask(RequestPtr request);
  // Sends what was asked, or has the loop send it, though the thread's turn is not over.
  void SendNow();
  void Hurry(const void* group);
  void Subscribe(std::string subject, Handler handler);
  void Close();

  bool connected() const { return connected_; }
  std::uint64_t connects() const { return connects_; }
  std::string last_error() const;
  std::uint64_t payload_bytes_max() const { return payload_bytes_max_; }
  std::uint64_t timeouts() const { return timeouts_; }

 private:
  // What a thread asked in its turn is sent at the turn's end.
  void OnTurnEnd() override { SendNow(); }

  struct Subscription {
    std::string subject;
    Handler handler;
  };

  // The loop's thread.
  void RunLoop();
  void Connect();
  void TakeUp(std::unique_ptr<Link> link);
  void PauseConnecting();
  void Serve();
  void Read() EXCLUSIVE_LOCKS_REQUIRED(gate_);
  void PingIfSilent(Clock::time_point now) EXCLUSIVE_LOCKS_REQUIRED(gate_);
  void SubscribeNew() EXCLUSIVE_LOCKS_REQUIRED(gate_);
  bool SubscribeInbox(Link& link);
  void Lose();
  void FailUnsent(const std::string& why);

  // Requests that failed while a lock was held.
  using Failures = std::vector<std::pair<RequestPtr, std::string>>;
  static void Fail(const Failures& failures);

  // Until nothing is left, or there is no room, or about so much was sent.
  void Send(std::size_t bytes_max, Failures& failures) EXCLUSIVE_LOCKS_REQUIRED(gate_);
  std::size_t PublishNext(Failures& failures) EXCLUSIVE_LOCKS_REQUIRED(gate_);
  bool may_send() const EXCLUSIVE_LOCKS_REQUIRED(gate_) {
    return link_ != nullptr && events_->attached() && !events_->wants_write();
  }

  // The watch's.
  void RunWatch();
  void BreakIfSilent(Clock::time_point now);

  // Those of cnats.
  void OnAnswer(Incoming message);
  // False: after Close(), and nothing may be called.
  bool BeginCallback();
  void EndCallback();
  void NoteError(const std::string& error);

  static void Fail(Request& request, const std::string& why);

  const ConnectionOptions options_;
  const std::shared_ptr<SocketEvents> events_;
  std::string inbox_;  // what answers are sent to, before their request's token
  RequestTable requests_;

  // Of the loop's thread.
  ServerList servers_;
  bool has_link_ = false;
  bool knows_wire_ = false;     // whether it is TLS
  std::size_t subscribed_ = 0;  // of handlers_, on link_
  Clock::time_point linked_;
  bool pinged_ = false;  // since something was heard

  std::atomic<bool> closed_{false};
  std::atomic<bool> connected_{false};
  std::atomic<bool> is_plain_{false};  // the link is known to be without TLS
  std::atomic<bool> refuses_{false};   // what is asked: there is no connection to be had for now
  std::atomic<std::uint64_t> connects_{0};
  std::atomic<std::uint64_t> payload_bytes_max_{0};
  std::atomic<std::uint64_t> timeouts_{0};
  std::atomic<std::uint64_t> running_{0};                                 // callbacks, now
  std::atomic<Clock::time_point> heard_{Clock::time_point()};             // of the server
  std::atomic<Clock::time_point> stuck_since_{Clock::time_point::max()};  // for want of room

  Gate gate_;
  std::unique_ptr<Link> link_ GUARDED_BY(gate_);
  std::deque<Unsent> sending_ GUARDED_BY(gate_);
  std::string reply_ GUARDED_BY(gate_);  // inbox_, and a token

  mutable Mutex mutex_;
  CondVar closing_;
  CondVar stopped_running_;
  std::string last_error_ GUARDED_BY(mutex_);
  std::deque<Subscription> handlers_ GUARDED_BY(mutex_);
  std::atomic<std::size_t> handler_count_{0};

  std::thread loop_;
  std::thread watch_;
};

}  // namespace daybook::jetstream
