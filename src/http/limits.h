// What one server takes on. The larger part are options of `daybook serve`.
#pragma once

#include <chrono>
#include <cstddef>

namespace daybook::http {

struct Limits {
  // Above this so many more are accepted, for one request each, which has to be there in
  // `spare_timeout` and is answered 503 unless its route is for the crowded
  // (Router::AddForCrowded). Above both a connection is answered 503 unread.
  std::size_t connections_max = 16384;
  std::size_t connections_spare = 256;
  std::chrono::milliseconds spare_timeout{1'000};

  std::size_t target_bytes_max = 8 << 10;   // of the request line's target; above: 414
  std::size_t header_bytes_max = 32 << 10;  // request line, header and trailer fields; above: 431
  std::size_t body_bytes_max = 16 << 20;    // above: 413
  // Of all bodies being received or handled, and of what answers keep while they are made; above:
  // 503.
  std::size_t body_memory_bytes_max = 256 << 20;

  // How far a connection is read ahead of the request that is being handled.
  std::size_t pipelined_bytes_max = 64 << 10;
  // Requests of one connection that are handled before the other connections have their turn.
  std::size_t pipelined_requests_per_turn = 64;
  // While more bytes of answers than this wait for a client to read them, none of its requests is
  // handled.
  std::size_t unread_answer_bytes_max = 1 << 20;

  std::chrono::milliseconds idle_timeout{75'000};  // between requests; closes without a byte
  std::chrono::milliseconds header_timeout{
      10'000};  // from a request's first byte to the end of its header
  // A body, or the client's reading of an answer, that moves less than `progress_bytes_min` in one
  // time-out (and does not end in it) has stalled.
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds write_timeout{30'000};
  // What is sent and not acknowledged for so much longer than `write_timeout` ends the connection:
  // its peer has gone without a word (TCP_USER_TIMEOUT).
  std::chrono::milliseconds dead_peer_margin{5'000};
  // Of an answer that waits for something to send, until it is asked for a sign of life.
  std::chrono::milliseconds quiet_time{15'000};
  std::size_t progress_bytes_min = 16 << 10;

  // After an answer that ends a connection, what the client still sends is discarded until it
  // closes, until it was silent for `linger_timeout`, or for `linger_total_timeout`, so that it can
  // read the answer (RFC 9112 section 9.6).
  std::chrono::milliseconds linger_timeout{1'000};
  std::chrono::milliseconds linger_total_timeout{30'000};
};

}  // namespace daybook::http
