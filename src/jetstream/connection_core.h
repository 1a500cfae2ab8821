// Connection::Core is what is behind a Connection, and outlives it while cnats refers to it.
//
// Its loop's thread makes one Link after another, reads and writes it, and sends what is asked. Its
// watch's thread gives up what is not answered in time, and breaks a connection whose server is
// silent, or takes nothing: the loop's thread may be held up in it (TLS). Answers come on cnats'
// thread of delivery. No lock is held over a receiver or handler.
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
  // Has what was asked sent now, though the thread's turn is not over.
  void SendNow() { events_->Wake(); }
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
  void SubscribeNew();
  bool SubscribeInbox(Link& link);
  void Send();
  std::size_t PublishNext();
  void Lose();
  void FailUnsent(const std::string& why);

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
  std::unique_ptr<Link> link_;
  std::size_t subscribed_ = 0;  // of handlers_, on link_
  std::deque<Unsent> sending_;
  std::string reply_;  // inbox_, and a token
  Clock::time_point linked_;
  bool pinged_ = false;  // since something was heard

  std::atomic<bool> closed_{false};
  std::atomic<bool> connected_{false};
  std::atomic<bool> refuses_{false};  // what is asked: there is no connection to be had for now
  std::atomic<std::uint64_t> connects_{0};
  std::atomic<std::uint64_t> payload_bytes_max_{0};
  std::atomic<std::uint64_t> timeouts_{0};
  std::atomic<std::uint64_t> running_{0};                                 // callbacks, now
  std::atomic<Clock::time_point> heard_{Clock::time_point()};             // of the server
  std::atomic<Clock::time_point> stuck_since_{Clock::time_point::max()};  // for want of room

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
