// Output writes what a command is asked for to standard output. A wait for whoever reads it ends
// when the waiter is interrupted. One thread uses it.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "base/waiter.h"

namespace daybook::client {

class Output {
 public:
  // `waiter` must outlive this.
  Output(int fd, const Waiter& waiter);

  // Keeps it, for the next Flush(); writes what was kept where that is much.
  Status Add(std::string_view bytes);
  // The same of text, of which a terminal is told nothing but characters.
  Status AddText(std::string_view text);
  // Writes all that was kept. kIo: it was interrupted, nobody reads any more (is_closed()), or it
  // cannot be written. What was not written then never is.
  Status Flush();
  bool is_closed() const { return is_closed_; }

 private:
  const int fd_;
  const Waiter& waiter_;
  std::size_t write_bytes_max_;  // that do not block where poll() says so
  bool is_terminal_;
  bool is_closed_ = false;
  std::string kept_;
};

}  // namespace daybook::client
