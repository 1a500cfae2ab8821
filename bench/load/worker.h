// Worker: one thread's share of the load, its connections and what became of their requests.
//
// Open loop: request i is due at begin + i / rate, whatever became of those before it, and goes out
// on the connection that has been idle longest. Where none is idle it waits; its latency counts
// from when it was due all the same. The queue of those that wait is a number, since when each was
// due follows from its own. Closed loop: each connection has a fixed number of requests in flight.
//
// Run() ends by itself: after the measured time nothing new is due, and after the drain what is
// left is given up. One thread; `started` lets the workers begin together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <latch>
#include <vector>

#include "load/answer_reader.h"
#include "load/connection.h"
#include "load/deliveries.h"
#include "load/histogram.h"
#include "load/options.h"
#include "load/request_source.h"

namespace daybook::bench {

// Of the measured time, but for `answers`, `bytes` and the errors, which are of the whole run.
struct Totals {
  Histogram latency;                // with what was given up, as long as it had lasted by then
  Histogram queue;                  // from when requests were due until they were sent
  std::uint64_t requests = 0;       // sent or due in it and answered 2xx, however late
  std::uint64_t in_time = 0;        // 2xx that came in it
  std::uint64_t answers = 0;        // 2xx
  std::uint64_t bytes_in_time = 0;  // received
  std::uint64_t bytes = 0;
  std::uint64_t unsent = 0;  // due, but no connection came free for them
  std::uint64_t status_errors = 0;
  std::uint64_t connection_errors = 0;  // a failed connect, or a request lost with its connection
  std::uint64_t timeout_errors = 0;
  std::uint64_t reconnects = 0;

  void Merge(const Totals& other);
};

class Worker {
 public:
  // `deliveries`: what is told of the appends that are answered; null: nothing is.
  Worker(const Options& options, int index, std::latch& started, Deliveries* deliveries = nullptr);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Totals Run();

 private:
  void Connect(std::size_t index);
  void AwaitConnections();
  void Drop(std::size_t index, std::uint64_t& counter);
  void Wait(std::int64_t until);
  void Handle(std::size_t index, std::uint32_t events);
  void Receive(std::size_t index);
  void Take(const Answer& answer, const InFlight& request, std::int64_t now);
  void Ready(std::size_t index, std::int64_t now);
  void SendDue(std::int64_t now);
  void Add(Connection& connection, std::int64_t due, std::int64_t now);
  void LookForStalled(std::int64_t now);
  void GiveUp(std::int64_t now);

  std::int64_t DueAt(std::uint64_t request) const;
  bool IsOpenLoop() const { return options_.rate > 0; }
  bool IsMeasured(std::int64_t due) const { return due >= measure_begin_ && due < measure_end_; }

  const Options& options_;
  const int index_;
  std::latch& started_;
  Deliveries* const deliveries_;
  const double interval_;         // nanoseconds between two requests, open loop
  const std::uint64_t requests_;  // that become due, open loop
  RequestSource source_;
  sockaddr_in server_{};
  int epoll_ = -1;
  std::vector<Connection> connections_;  // one that is not open failed to connect
  std::deque<std::size_t> idle_;         // open loop: connected, and nothing in flight
  std::uint64_t next_ = 0;               // open loop: the first request that was not sent
  std::uint64_t in_flight_ = 0;
  std::int64_t begin_ = 0, measure_begin_ = 0, measure_end_ = 0;
  std::vector<char> buffer_;
  std::vector<Answer> answers_;
  Totals totals_;
};

}  // namespace daybook::bench
