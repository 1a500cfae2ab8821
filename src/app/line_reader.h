// LineReader reads a file line by line, of which none may be larger than it says.
#pragma once

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace daybook::app {

class LineReader {
 public:
  // `file` must outlive this.
  LineReader(std::FILE* file, std::size_t bytes_max) : file_(file), bytes_max_(bytes_max) {}

  // The next line without its LF, the last one also where it has none; valid until the next call.
  // None at the end. kTooLarge; kIo.
  Result<std::optional<std::string_view>> Next();

  // Of the last line that was given, or at which it failed; from 1 on.
  std::uint64_t number() const { return number_; }

 private:
  std::FILE* const file_;
  const std::size_t bytes_max_;
  std::string bytes_;      // that were read
  std::size_t taken_ = 0;  // of them
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace daybook::app
