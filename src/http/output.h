// Output holds the bytes that a connection has yet to send, and sends them as the socket takes
// them.
//
// Small answers gather in one buffer, so that pipelined ones leave in one call; a large body is
// moved in and never copied. Owned by a connection and used on its thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::http {

class Output {
 public:
  enum class Flushed {
    kAll,
    kBlocked,  // the socket takes no more now
    kBroken,   // the peer has gone
  };

  void Add(std::string_view bytes) { Tail().append(bytes); }
  void Add(std::string&& bytes);
  // What small pieces are appended to.
  std::string& Tail();

  Flushed Flush(int fd);

  bool empty() const { return bytes() == 0; }
  // Not sent yet.
  std::size_t bytes() const;
  // Sent since the connection began.
  std::uint64_t sent_bytes() const { return sent_bytes_; }

 private:
  ssize_t Send(int fd) const;
  void Drop(std::size_t bytes);

  std::vector<std::string> pieces_;
  std::size_t first_ = 0;           // of pieces_ that is not wholly sent
  std::size_t first_position_ = 0;  // bytes of it that are
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace daybook::http
