// Connection: one TCP connection of the generator, with what it has sent and not been answered yet.
//
// Non-blocking; its owner waits with the epoll that it was opened with, where its number stands for
// it. Whatever fails, the owner closes it and opens it anew. One thread.
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "load/answer_reader.h"

namespace daybook::bench {

// A request that is unanswered, in nanoseconds of CLOCK_MONOTONIC.
struct InFlight {
  std::int64_t due;   // when it should have been sent
  std::int64_t sent;  // when it was
};

class Connection {
 public:
  Connection() = default;
  ~Connection() { Close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins to connect. False where that failed at once.
  [[nodiscard]] bool Open(const sockaddr_in& server, int epoll, std::uint64_t number);
  // To be called at the first event. False where nobody listens.
  [[nodiscard]] bool FinishOpening();
  // Forgets everything, what is in flight included.
  void Close();

  bool is_open() const { return fd_ >= 0; }
  bool is_connected() const { return connected_; }

  // What the next Send() sends; the caller writes requests to its end and tells of each.
  std::string& out() { return out_; }
  void Sending(InFlight request) { in_flight_.push_back(request); }
  // What does not go now goes at a later event.
  void Send();

  // Receives once, and appends what it completes. False where the connection is of no further use.
  [[nodiscard]] bool Receive(std::vector<char>& buffer, std::vector<Answer>& answers);
  // Since it was opened.
  std::uint64_t received_bytes() const { return received_bytes_; }

  // From the next answer on, whatever becomes of the connection.
  void KeepBodies();
  // AnswerReader::body().
  std::string& body() { return reader_.body(); }

  std::deque<InFlight>& in_flight() { return in_flight_; }

 private:
  void Watch(bool for_writing, int operation);

  int fd_ = -1;
  int epoll_ = -1;
  std::uint64_t number_ = 0;
  bool connected_ = false;
  bool watched_for_writing_ = false;
  std::string out_;
  std::size_t out_sent_ = 0;
  std::uint64_t received_bytes_ = 0;
  bool keeps_bodies_ = false;
  AnswerReader reader_;
  std::deque<InFlight> in_flight_;
};

}  // namespace daybook::bench
