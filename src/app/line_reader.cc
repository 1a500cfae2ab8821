#include "app/line_reader.h"

#include <cerrno>

#include "base/posix_error.h"

namespace daybook::app {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

}  // namespace

Result<std::optional<std::string_view>> LineReader::Next() {
  ++number_;
  std::size_t searched = taken_;
  for (;;) {
    const std::size_t end = bytes_.find('\n', searched);
    const std::size_t line_bytes = (end == std::string::npos ? bytes_.size() : end) - taken_;
    if (line_bytes > bytes_max_) {
      return Status(StatusCode::kTooLarge,
                    "it has more than " + std::to_string(bytes_max_) + " bytes");
    }
    if (end != std::string::npos || ended_) {
      if (end == std::string::npos && line_bytes == 0) return std::optional<std::string_view>();
      const std::string_view line = std::string_view(bytes_).substr(taken_, line_bytes);
      taken_ += line_bytes + (end == std::string::npos ? 0 : 1);
      return std::optional(line);
    }
    bytes_.erase(0, taken_);
    taken_ = 0;
    searched = bytes_.size();
    bytes_.resize(searched + kReadBytes);
    const std::size_t read = std::fread(bytes_.data() + searched, 1, kReadBytes, file_);
    bytes_.resize(searched + read);
    if (read < kReadBytes) {
      if (std::ferror(file_) != 0) return PosixError("cannot read it", errno);
      ended_ = true;
    }
  }
}

}  // namespace daybook::app
