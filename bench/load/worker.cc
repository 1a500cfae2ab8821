#include "load/worker.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "load/now.h"

namespace daybook::bench {
namespace {

constexpr std::int64_t kLookInterval = kSecond / 10;  // at stalled and failed connections
constexpr std::int64_t kConnectTime = 5 * kSecond;
constexpr std::size_t kReceiveBytes = 262'144;

// Of `all`, the share of worker `index` of `workers`.
int ShareOf(int all, int workers, int index) { return all / workers + (index < all % workers); }

}  // namespace

void Totals::Merge(const Totals& other) {
  latency.Merge(other.latency);
  queue.Merge(other.queue);
  requests += other.requests;
  in_time += other.in_time;
  answers += other.answers;
  bytes_in_time += other.bytes_in_time;
  bytes += other.bytes;
  unsent += other.unsent;
  status_errors += other.status_errors;
  connection_errors += other.connection_errors;
  timeout_errors += other.timeout_errors;
  reconnects += other.reconnects;
}

Worker::Worker(const Options& options, int index, std::latch& started, Deliveries* deliveries)
    : options_(options),
      index_(index),
      started_(started),
      deliveries_(deliveries),
      interval_(options.rate > 0 ? kSecond * options.threads / options.rate : 0),
      requests_(interval_ > 0
                    ? static_cast<std::uint64_t>(std::llround(
                          (options.warmup_seconds + options.seconds) * kSecond / interval_))
                    : 0),
      source_(options, index),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      connections_(static_cast<std::size_t>(ShareOf(options.connections, options.threads, index))),
      buffer_(kReceiveBytes) {
  server_.sin_family = AF_INET;
  server_.sin_port = htons(options.port);
  inet_pton(AF_INET, options.host.c_str(), &server_.sin_addr);
  if (deliveries_ == nullptr) return;
  for (Connection& connection : connections_) connection.KeepBodies();
}

Worker::~Worker() { close(epoll_); }

Totals Worker::Run() {
  prctl(PR_SET_TIMERSLACK, 1);  // the default lets a sleep last 50 us longer
  AwaitConnections();
  started_.arrive_and_wait();
  begin_ = Now();
  measure_begin_ = begin_ + Nanoseconds(options_.warmup_seconds);
  measure_end_ = measure_begin_ + Nanoseconds(options_.seconds);
  const std::int64_t end = measure_end_ + Nanoseconds(options_.drain_seconds);
  if (!IsOpenLoop()) {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (connections_[i].is_connected()) Ready(i, begin_);
    }
  }
  std::int64_t look_at = begin_ + kLookInterval;
  for (;;) {
    std::int64_t now = Now();
    if (IsOpenLoop()) SendDue(now);
    if (now >= look_at) {
      LookForStalled(now);
      look_at = now + kLookInterval;
    }
    if (now >= end || (now >= measure_end_ && in_flight_ == 0 && next_ >= requests_)) break;
    std::int64_t until = std::min({look_at, end, now < measure_end_ ? measure_end_ : end});
    if (next_ < requests_ && !idle_.empty()) until = std::min(until, DueAt(next_));
    Wait(until);
  }
  GiveUp(Now());
  return totals_;
}

std::int64_t Worker::DueAt(std::uint64_t request) const {
  // The workers take turns, so that together they send evenly.
  const double turn = static_cast<double>(index_) / options_.threads;
  return begin_ + std::llround((static_cast<double>(request) + turn) * interval_);
}

void Worker::AwaitConnections() {
  const std::int64_t end = Now() + kConnectTime;
  for (std::size_t i = 0; i < connections_.size(); ++i) Connect(i);
  // What is refused now is left to LookForStalled().
  const auto settled = [](const Connection& connection) {
    return !connection.is_open() || connection.is_connected();
  };
  while (Now() < end && !std::all_of(connections_.begin(), connections_.end(), settled)) Wait(end);
}

void Worker::Connect(std::size_t index) {
  if (connections_[index].Open(server_, epoll_, index)) return;
  connections_[index].Close();
  ++totals_.connection_errors;
}

// Closes a connection that is of no further use; what is in flight on it goes to `counter`.
void Worker::Drop(std::size_t index, std::uint64_t& counter) {
  Connection& connection = connections_[index];
  const bool was_connected = connection.is_connected();
  counter += was_connected ? connection.in_flight().size() : 1;
  in_flight_ -= connection.in_flight().size();
  connection.Close();
  std::erase(idle_, index);
  if (!was_connected) return;  // LookForStalled() tries again, not at once
  ++totals_.reconnects;
  Connect(index);
}

void Worker::Wait(std::int64_t until) {
  std::array<epoll_event, 256> events;
  const std::int64_t left = std::max<std::int64_t>(until - Now(), 0);
  const timespec timeout{left / kSecond, left % kSecond};
  const int count =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    Handle(events[static_cast<std::size_t>(i)].data.u64,
           events[static_cast<std::size_t>(i)].events);
  }
}

void Worker::Handle(std::size_t index, std::uint32_t events) {
  Connection& connection = connections_[index];
  if (!connection.is_connected()) {
    if (!connection.FinishOpening()) return Drop(index, totals_.connection_errors);
    // Before the beginning of a closed loop Run() does this.
    if (IsOpenLoop() || begin_ != 0) Ready(index, Now());
    return;
  }
  if ((events & EPOLLOUT) != 0) connection.Send();
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) Receive(index);
}

void Worker::Receive(std::size_t index) {
  Connection& connection = connections_[index];
  answers_.clear();
  const std::uint64_t bytes_before = connection.received_bytes();
  bool usable = connection.Receive(buffer_, answers_);
  const std::int64_t now = Now();
  const std::uint64_t bytes = connection.received_bytes() - bytes_before;
  totals_.bytes += bytes;
  if (now >= measure_begin_ && now < measure_end_) totals_.bytes_in_time += bytes;
  for (const Answer& answer : answers_) {
    if (connection.in_flight().empty()) {
      usable = false;  // an answer that nothing asked for
      break;
    }
    const InFlight& request = connection.in_flight().front();
    Take(answer, request, now);
    if (deliveries_ != nullptr)
      deliveries_->OnAnswered(connection.body(), now, IsMeasured(request.due));
    connection.in_flight().pop_front();
    --in_flight_;
    usable = usable && !answer.close;
  }
  if (!usable) return Drop(index, totals_.connection_errors);
  if (!answers_.empty()) Ready(index, now);
}

void Worker::Take(const Answer& answer, const InFlight& request, std::int64_t now) {
  if (answer.status < 200 || answer.status > 299) {
    ++totals_.status_errors;
    return;
  }
  ++totals_.answers;
  if (now >= measure_begin_ && now < measure_end_) ++totals_.in_time;
  if (!IsMeasured(request.due)) return;
  ++totals_.requests;
  totals_.latency.Add(now - request.due);
}

// The connection can take requests, because of an answer or because it is new.
void Worker::Ready(std::size_t index, std::int64_t now) {
  Connection& connection = connections_[index];
  if (IsOpenLoop()) {
    idle_.push_back(index);
    return;
  }
  if (now >= measure_end_) return;
  while (connection.in_flight().size() < static_cast<std::size_t>(options_.pipeline)) {
    Add(connection, now, now);
  }
  connection.Send();
}

void Worker::SendDue(std::int64_t now) {
  while (next_ < requests_ && !idle_.empty()) {
    const std::int64_t due = DueAt(next_);
    if (due > now) return;
    const std::size_t index = idle_.front();
    idle_.pop_front();
    Add(connections_[index], due, now);
    if (IsMeasured(due)) totals_.queue.Add(now - due);
    ++next_;
    connections_[index].Send();
  }
}

void Worker::Add(Connection& connection, std::int64_t due, std::int64_t now) {
  source_.AppendTo(connection.out());
  connection.Sending({due, now});
  ++in_flight_;
}

void Worker::LookForStalled(std::int64_t now) {
  const std::int64_t timeout = Nanoseconds(options_.timeout_seconds);
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = connections_[i];
    if (!connection.is_open()) {
      if (now < measure_end_) Connect(i);
      continue;
    }
    const std::deque<InFlight>& in_flight = connection.in_flight();
    if (in_flight.empty() || now - in_flight.front().sent < timeout) continue;
    for (const InFlight& request : in_flight) {
      if (IsMeasured(request.due)) totals_.latency.Add(now - request.due);
    }
    Drop(i, totals_.timeout_errors);
  }
}

void Worker::GiveUp(std::int64_t now) {
  for (Connection& connection : connections_) {
    totals_.timeout_errors += connection.in_flight().size();
    for (const InFlight& request : connection.in_flight()) {
      if (IsMeasured(request.due)) totals_.latency.Add(now - request.due);
    }
  }
  for (; next_ < requests_; ++next_) {
    const std::int64_t due = DueAt(next_);
    if (!IsMeasured(due)) continue;
    ++totals_.unsent;
    totals_.latency.Add(now - due);
    totals_.queue.Add(now - due);
  }
}

}  // namespace daybook::bench
