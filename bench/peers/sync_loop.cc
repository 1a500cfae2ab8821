// bench_sync_loop --file PATH --bytes N --room reserved|zeroed --seconds S --warmup-seconds W: what
// this disk takes for one small write that has to be durable.
//
// Writes pieces of N bytes, one behind the other, and syncs each before the next: the least that a
// log can take which syncs each append by itself. No network, one thread. The file has its room
// before, by fallocate(2) as daybook's engine does it, or by zeros that were written and synced. It
// must not be there, and is removed. Ends after the seconds, or when the room is used, and prints a
// JSON object as bench_load does.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "load/histogram.h"
#include "load/quantiles.h"

namespace daybook::bench {
namespace {

constexpr off_t kRoomBytes = 64 << 20;
constexpr std::size_t kFillBytes = 1 << 20;
constexpr double kSecond = 1e9;

struct Options {
  std::string file;
  std::size_t bytes = 96;
  bool zeroed = false;
  double seconds = 1;
  double warmup_seconds = 0;
};

bool ParseOptions(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* const value = argv[i + 1];
    if (name == "--file") options.file = value;
    if (name == "--bytes") options.bytes = std::strtoull(value, nullptr, 10);
    if (name == "--room") options.zeroed = std::string_view(value) == "zeroed";
    if (name == "--seconds") options.seconds = std::atof(value);
    if (name == "--warmup-seconds") options.warmup_seconds = std::atof(value);
  }
  return !options.file.empty() && options.bytes > 0 &&
         options.bytes <= static_cast<std::size_t>(kRoomBytes);
}

std::int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bool WriteAt(int fd, std::string_view bytes, off_t position) {
  return pwrite(fd, bytes.data(), bytes.size(), position) == static_cast<ssize_t>(bytes.size());
}

bool MakeRoom(int fd, bool zeroed) {
  if (!zeroed) return fallocate(fd, 0, 0, kRoomBytes) == 0 && fsync(fd) == 0;
  const std::string zeros(kFillBytes, '\0');
  for (off_t at = 0; at < kRoomBytes; at += static_cast<off_t>(kFillBytes)) {
    if (!WriteAt(fd, zeros, at)) return false;
  }
  return fsync(fd) == 0;
}

struct Totals {
  Histogram latency;
  std::uint64_t count = 0;
  double seconds = 0;
  double cpu_seconds = 0;
};

// False, with errno, where a write or a sync fails.
bool Measure(int fd, const Options& options, Totals& totals) {
  const std::string piece(options.bytes, 'L');
  const std::int64_t begin = Now() + static_cast<std::int64_t>(options.warmup_seconds * kSecond);
  const std::int64_t end = begin + static_cast<std::int64_t>(options.seconds * kSecond);
  const off_t last = kRoomBytes - static_cast<off_t>(piece.size());
  double cpu_before = CpuSeconds();
  std::int64_t measured_from = Now();
  std::int64_t before = measured_from;
  for (off_t at = 0; before < end && at <= last; at += static_cast<off_t>(piece.size())) {
    if (!WriteAt(fd, piece, at) || fdatasync(fd) != 0) return false;
    const std::int64_t now = Now();
    if (before >= begin) {
      totals.latency.Add(now - before);
      ++totals.count;
    } else {
      cpu_before = CpuSeconds();
      measured_from = now;
    }
    before = now;
  }
  totals.seconds = static_cast<double>(before - measured_from) / kSecond;
  totals.cpu_seconds = CpuSeconds() - cpu_before;
  return true;
}

void Print(const Totals& totals) {
  const double count = static_cast<double>(totals.count);
  std::printf("{\"mode\":\"sync\",\"requests\":%" PRIu64 ",\"seconds\":%.6f,\"rate\":%.1f,",
              totals.count, totals.seconds, count / totals.seconds);
  PrintQuantiles("latency_us", totals.latency);
  std::printf(",\"mean_us\":%.1f,\"cpu_seconds\":%.6f,\"errors\":{},\"answers\":%" PRIu64 "}\n",
              totals.seconds / count * 1e6, totals.cpu_seconds, totals.count);
}

int Main(int argc, char** argv) {
  Options options;
  if (!ParseOptions(argc, argv, options)) {
    std::fputs("bench_sync_loop: needs --file, and --bytes that the room has\n", stderr);
    return 2;
  }
  const int fd = open(options.file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    std::perror("bench_sync_loop: open");
    return 1;
  }
  Totals totals;
  const bool done = MakeRoom(fd, options.zeroed) && Measure(fd, options, totals);
  if (!done) std::perror("bench_sync_loop");
  close(fd);
  unlink(options.file.c_str());
  if (!done) return 1;
  if (totals.count == 0) {
    std::fputs("bench_sync_loop: no sync within the measured time\n", stderr);
    return 1;
  }
  Print(totals);
  return 0;
}

}  // namespace
}  // namespace daybook::bench

int main(int argc, char** argv) { return daybook::bench::Main(argc, argv); }
