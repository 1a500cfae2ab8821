// Worker is one thread's share of the server: a Pistache transport of our own, with the connections
// that it serves.
//
// Pistache gives the thread, its epoll loop (Aio::Reactor) and the bookkeeping of peers; this class
// has the reading, parsing and writing, the timers, and the queue through which other threads hand
// over answers and new connections. Worker 0 accepts for all of them and gives each connection to
// the worker that has the fewest. The others end each round of events with what was put off to
// there (base/turn.h): a commit to the disk, say, whose answers need no queue then.
//
// An event is matched to its connection by descriptor and generation, both of them in its epoll
// tag, and so is an answer, so that what is late for a closed connection never meets the one that
// got its descriptor. Sockets are watched level-triggered. Everything runs on the worker's thread
// but Answer(), Post(), connections(), load() and read_stats().
#pragma once

#include <pistache/listener.h>
#include <pistache/peer.h>
#include <pistache/transport.h>

#include <atomic>
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/turn.h"
#include "base/unique_function.h"
#include "http/connection.h"
#include "http/connection_places.h"
#include "http/exchange.h"
#include "http/limits.h"
#include "http/listen.h"
#include "http/responder.h"
#include "http/router.h"
#include "http/stats.h"
#include "http/timers.h"

namespace daybook::http {

class Worker;

// What the workers of one server have in common.
struct Shared {
  Shared(const Limits& server_limits, Router server_router,
         std::function<void(std::string_view)> fault_report, ExchangeObserver* exchange_observer)
      : limits(server_limits),
        router(std::move(server_router)),
        routes(router.routes()),
        report_fault(std::move(fault_report)),
        observer(exchange_observer),
        body_budget(server_limits.body_memory_bytes_max),
        places(server_limits) {}

  const Limits limits;
  const Router router;
  const std::vector<RouteDescription> routes;
  const std::function<void(std::string_view)> report_fault;
  ExchangeObserver* const observer;  // may be null
  std::vector<Worker*> workers;      // set before any of them runs
  BodyBudget body_budget;
  ConnectionPlaces places;
};

// Tells the worker of each peer that Pistache has taken in.
class PeerHandler : public Pistache::Tcp::Handler {
  PROTOTYPE_OF(Pistache::Tcp::Handler, PeerHandler)

 public:
  void onInput(const char*, std::size_t, const std::shared_ptr<Pistache::Tcp::Peer>&) override {}
  void onConnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override;
};

class Worker : public Pistache::Tcp::Transport, public AnswerSink, private ConnectionHost {
 public:
  explicit Worker(Shared& shared);
  ~Worker() override;

  // Any thread.
  void Answer(const ExchangeId& id, Response response) override;
  void Wake(const ExchangeId& id) override;
  void Post(UniqueFunction<void()> task) override;
  Response Unanswered() const override;
  const WorkerStats& read_stats() const { return stats_; }
  std::size_t connections() const { return connection_count_.load(std::memory_order_relaxed); }
  // The less, the better a new connection is served.
  std::pair<bool, std::size_t> load() const {
    return {held_up_.load(std::memory_order_relaxed), connections()};
  }

  // The worker's thread.
  void Hold(const ExchangeId& id, std::shared_ptr<Held> held,
            std::chrono::milliseconds at_most) override;

  // The worker's thread, by Post().
  void StartAccepting(std::vector<Descriptor> listeners);
  void StopAccepting();
  // From here on every answer is its connection's last.
  void StartClosing() { closing_ = true; }
  void Drain();
  void CloseAll();

  // Pistache calls these.
  std::shared_ptr<Pistache::Aio::Handler> clone() const override;
  void registerPoller(Pistache::Polling::Epoll& poller) override;
  void onReady(const Pistache::Aio::FdSet& events) override;
  void OnPeer(const std::shared_ptr<Pistache::Tcp::Peer>& peer);

 private:
  using Peer = Pistache::Tcp::Peer;
  struct Slot {
    std::unique_ptr<Connection> connection;
    std::shared_ptr<Peer> peer;
    Connection::Interest watched;
  };
  struct Mail {
    std::vector<std::pair<ExchangeId, Response>> answers;
    std::vector<UniqueFunction<void()>> tasks;
    std::vector<ExchangeId> wakes;
    bool empty() const { return answers.empty() && tasks.empty() && wakes.empty(); }
  };

  const Limits& limits() const override { return shared_.limits; }
  const Router& router() const override { return shared_.router; }
  BodyBudget& body_budget() override { return shared_.body_budget; }
  AnswerSink& answers() override { return *this; }
  Timers& timers() override { return timers_; }
  SteadyTime now() const override { return now_; }
  SteadyTime ReadClock() override { return last_read_ = std::chrono::steady_clock::now(); }
  SteadyTime last_read() const override { return last_read_; }
  std::string_view date_field() const override { return date_field_; }
  bool closing() const override { return closing_ || draining_; }
  bool draining() const override { return draining_; }
  WorkerStats& stats() override { return stats_; }
  std::string MakeRequestId() override;
  void OnAnswered(const Request& request, Code code, std::uint64_t body_bytes,
                  std::chrono::nanoseconds duration) override;
  void ResumeLater(const ExchangeId& id) override;
  void ReportFault(std::string_view what) override { shared_.report_fault(what); }

  // Tags of descriptors that are no connection's have generation 0.
  static Pistache::Polling::Tag TagOf(const ExchangeId& id);
  void WakeUp();
  template <typename Step>
  void Guard(const ExchangeId& id, Step step);
  void OnEvent(const Pistache::Aio::FdSet::Entry& event);
  void OnConnectionEvent(int fd, const Pistache::Aio::FdSet::Entry& event);
  void OnTick();
  void OnAlarm();
  void SetAlarm();
  void ReadMail();
  void Deliver(Mail& mail);
  void ServeWoken();
  template <typename Item>
  void Put(std::vector<Item> Mail::*items, Item item);
  void Accept();
  bool AcceptOne(int listener);
  void PauseAccepting(bool paused);
  void Refuse(int fd);
  void Adopt(int fd, const Pistache::Address& address, const ClientAddress& client, Place place);
  Slot* Find(const ExchangeId& id);
  void Continue(int fd, bool alive);
  void Watch(int fd);
  void Close(int fd);
  void Close(int fd, CloseReason reason);
  std::shared_ptr<Peer> Forget(int fd, Place place);
  void UpdateTick();
  void UpdateClock();
  void FinishTurn(Turn& turn);

  Shared& shared_;
  Timers timers_;
  Descriptor wakeup_;  // an eventfd: there is mail
  Descriptor tick_;    // a timerfd, running while there is something to look after
  Descriptor alarm_;   // another, for when the next alarm is due

  std::vector<Slot> slots_;  // by descriptor
  std::uint32_t last_generation_ = 0;
  std::vector<Descriptor> listeners_;
  std::vector<ExchangeId> resumed_;
  std::deque<ExchangeId> woken_;
  Mail own_mail_;  // answers given on this thread outside their handler's call
  std::string scratch_;
  SteadyTime now_;
  SteadyTime last_read_;
  std::time_t date_second_ = 0;
  std::string date_field_;
  bool closing_ = false;
  bool draining_ = false;
  bool accepting_paused_ = false;
  bool ticking_ = false;
  SteadyTime alarm_set_for_ = SteadyTime::max();

  WorkerStats stats_;
  std::uint64_t next_request_id_;
  std::atomic<std::size_t> connection_count_{0};
  std::atomic<bool> held_up_{false};  // at the end of a turn

  Mutex mutex_;
  Mail mail_ GUARDED_BY(mutex_);
};

}  // namespace daybook::http
