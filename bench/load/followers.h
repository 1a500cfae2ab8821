// Followers: connections that each follow one log's events, on one thread, which tells Deliveries
// when each of them has a record.
#pragma once

#include <netinet/in.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "load/answer_reader.h"
#include "load/connection.h"
#include "load/deliveries.h"
#include "load/event_reader.h"
#include "load/options.h"

namespace daybook::bench {

class Followers {
 public:
  explicit Followers(const Options& options);
  ~Followers();
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;

  // Until each of them has the beginning of its stream. False: some do not get it.
  [[nodiscard]] bool Begin();
  // The offset from which on they follow.
  std::uint64_t first() const { return followers_.front().events.next_id(); }

  // `deliveries` must stay until Stop().
  void Start(Deliveries& deliveries);
  // Once every follower has all that was answered, or `seconds` have passed.
  void Stop(double seconds);

  // Once stopped.
  std::uint64_t reads() const { return reads_; }          // that brought records
  std::uint64_t disorders() const { return disorders_; }  // a record that is not the next
  std::uint64_t lost_streams() const { return lost_streams_; }

 private:
  struct Follower {
    Connection connection;
    EventReader events;
    std::uint64_t next = 0;  // record
  };

  void Run(Deliveries& deliveries);
  void Wait(Deliveries* deliveries);
  void Receive(Follower& follower, Deliveries* deliveries);
  bool HaveAllUpTo(std::uint64_t end) const;

  const Options& options_;
  int epoll_ = -1;
  std::vector<Follower> followers_;
  std::vector<char> buffer_;
  std::vector<Answer> answers_;
  std::vector<std::uint64_t> ids_;
  std::uint64_t reads_ = 0;
  std::uint64_t disorders_ = 0;
  std::uint64_t lost_streams_ = 0;
  std::atomic<std::int64_t> stop_at_{INT64_MAX};
  std::thread thread_;
};

}  // namespace daybook::bench
