// Output holds the bytes that a connection has yet to send, and sends them as the socket takes
// them.
//
// Small answers gather in one buffer, so that pipelined ones leave in one call; a large body is
// moved in, or only pointed to, and never copied. Owned by a connection and used on its thread.
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
  // `bytes` must live until they are sent; small ones are copied.
  void AddView(std::string_view bytes);
  // What small pieces are appended to.
  std::string& Tail();

  Flushed Flush(int fd);

  bool empty() const { return bytes() == 0; }
  // Not sent yet.
  std::size_t bytes() const;
  // Sent since the connection began.
  std::uint64_t sent_bytes() const { return sent_bytes_; }

 private:
  struct Piece {
    std::string text;
    std::string_view view;  // instead of `text`

    std::string_view bytes() const { return view.empty() ? std::string_view(text) : view; }
  };

  ssize_t Send(int fd) const;
  void Drop(std::size_t bytes);

  std::vector<Piece> pieces_;       // the last of them is never a view
  std::size_t first_ = 0;           // that is not wholly sent
  std::size_t first_position_ = 0;  // bytes of it that are
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace daybook::http
