#include "app/tool_output.h"

#include <unistd.h>

#include <array>
#include <utility>

namespace daybook::app {

int ExitCodeOf(const char* command, const Status& status) {
  if (status.ok()) return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "daybook: %s: %s\n", command, status.message().c_str());
  if (status.code() == StatusCode::kDamaged) {
    std::fputs(
        "`daybook verify` tells what is damaged in a data folder, `daybook repair` makes it fit to "
        "be served.\n",
        stderr);
  }
  return status.code() == StatusCode::kInvalidArgument ? 2 : 1;
}

void PrintLine(const std::string& line) { std::printf("%s\n", line.c_str()); }

Progress::Progress()
    : Progress(::isatty(STDERR_FILENO) == 1 ? stderr : nullptr, std::chrono::steady_clock::now) {}

Progress::Progress(std::FILE* out, Clock clock)
    : out_(out), clock_(std::move(clock)), next_(clock_() + kPatience) {}

void Progress::Show(const std::function<std::string()>& line) {
  if (out_ == nullptr || clock_() < next_) return;
  next_ = clock_() + kInterval;
  shown_ = true;
  std::fprintf(out_, "\r\x1B[K%s", line().c_str());
  std::fflush(out_);
}

void Progress::Clear() {
  if (!std::exchange(shown_, false)) return;
  std::fputs("\r\x1B[K", out_);
  std::fflush(out_);
}

std::string ForPeople(std::uint64_t bytes) {
  constexpr std::array kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  double number = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; number >= 1024 && unit + 1 < kUnits.size(); ++unit) number /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", number, kUnits[unit]);
  return text;
}

}  // namespace daybook::app
