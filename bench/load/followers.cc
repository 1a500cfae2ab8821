#include "load/followers.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "load/now.h"

namespace daybook::bench {
namespace {

constexpr std::int64_t kBeginTime = 20 * kSecond;
constexpr int kWaitMilliseconds = 20;
constexpr std::size_t kReceiveBytes = 262'144;

}  // namespace

Followers::Followers(const Options& options)
    : options_(options),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      followers_(static_cast<std::size_t>(options.followers)),
      buffer_(kReceiveBytes) {}

Followers::~Followers() { close(epoll_); }

bool Followers::Begin() {
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(options_.port);
  inet_pton(AF_INET, options_.host.c_str(), &server.sin_addr);
  const std::string request = "GET " + options_.follow_path +
                              " HTTP/1.1\r\nHost: " + options_.host +
                              "\r\nAccept: text/event-stream\r\n\r\n";
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    Connection& connection = followers_[i].connection;
    connection.KeepBodies();
    if (!connection.Open(server, epoll_, i)) return false;
    connection.out() = request;
  }
  const std::int64_t end = Now() + kBeginTime;
  const auto has_begun = [](const Follower& follower) { return follower.events.has_begun(); };
  while (!std::all_of(followers_.begin(), followers_.end(), has_begun)) {
    if (Now() > end || lost_streams_ > 0) return false;
    Wait(nullptr);
  }
  for (Follower& follower : followers_) follower.next = follower.events.next_id();
  return true;
}

void Followers::Start(Deliveries& deliveries) {
  thread_ = std::thread([this, &deliveries] { Run(deliveries); });
}

void Followers::Stop(double seconds) {
  stop_at_ = Now() + Nanoseconds(seconds);
  thread_.join();
}

void Followers::Run(Deliveries& deliveries) {
  for (;;) {
    const std::int64_t stop_at = stop_at_;
    if (stop_at != INT64_MAX && (Now() >= stop_at || HaveAllUpTo(deliveries.end()))) return;
    Wait(&deliveries);
  }
}

bool Followers::HaveAllUpTo(std::uint64_t end) const {
  return std::all_of(followers_.begin(), followers_.end(),
                     [end](const Follower& follower) { return follower.next >= end; });
}

void Followers::Wait(Deliveries* deliveries) {
  std::array<epoll_event, 256> events;
  const int count =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kWaitMilliseconds);
  for (int i = 0; i < count; ++i) {
    Follower& follower = followers_[events[static_cast<std::size_t>(i)].data.u64];
    if (follower.connection.is_connected()) {
      Receive(follower, deliveries);
    } else if (follower.connection.FinishOpening()) {
      follower.connection.Send();
    } else {
      ++lost_streams_;
      follower.connection.Close();
    }
  }
}

void Followers::Receive(Follower& follower, Deliveries* deliveries) {
  answers_.clear();
  ids_.clear();
  // An answer would be the stream's end.
  const bool goes_on = follower.connection.Receive(buffer_, answers_) && answers_.empty();
  const std::int64_t now = Now();
  follower.events.Feed(follower.connection.body(), ids_);
  follower.connection.body().clear();
  for (const std::uint64_t id : ids_) {
    if (id != std::exchange(follower.next, id + 1)) ++disorders_;
    if (deliveries != nullptr) deliveries->OnDelivered(id, now);
  }
  reads_ += ids_.empty() ? 0 : 1;
  if (goes_on) return;
  ++lost_streams_;
  follower.connection.Close();
}

}  // namespace daybook::bench
