// InputLines reads lines from a descriptor as they come, and knows when none has come yet. One
// thread uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/waiter.h"

namespace daybook::client {

class InputLines {
 public:
  enum class Outcome {
    kLine,
    kNone,     // none has come yet
    kEnd,      // nor will one come
    kStopped,  // the waiter was interrupted
  };

  // `waiter` must outlive this.
  InputLines(int fd, const Waiter& waiter, std::size_t line_bytes_max);

  // Takes the next line, without its LF or CRLF, the last one also where it has none; and waits for
  // it, if it is to. kTooLarge, kIo.
  Result<Outcome> Next(bool waits);
  // The line; valid until the next call.
  std::string_view line() const { return line_; }
  // Of the line, from 1 on.
  std::uint64_t number() const { return number_; }
  // All that comes, up to so many bytes.
  Result<Outcome> All(std::size_t bytes_max, std::string& bytes);

 private:
  // kLine: something has come.
  Result<Outcome> Read(bool waits);

  const int fd_;
  const Waiter& waiter_;
  const std::size_t line_bytes_max_;
  std::string bytes_;         // that were read
  std::size_t taken_ = 0;     // of them
  std::size_t searched_ = 0;  // of them, for the end of a line
  bool has_ended_ = false;
  std::string_view line_;
  std::uint64_t number_ = 0;
};

}  // namespace daybook::client
