// bench_load: sends requests at a fixed rate, or as fast as they are answered, and prints as one
// JSON object how many were answered and how long that took. `bench_load --help` lists the options.
#include <cinttypes>
#include <cstdio>
#include <ctime>
#include <latch>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "load/options.h"
#include "load/quantiles.h"
#include "load/self_test.h"
#include "load/worker.h"

namespace daybook::bench {
namespace {

double CpuSeconds() {
  timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

void Print(const Options& options, const Totals& totals) {
  std::printf("{\"mode\":\"%s\",\"requests\":%" PRIu64 ",\"seconds\":%g,\"rate\":%.1f",
              options.rate > 0 ? "open" : "closed", totals.requests, options.seconds,
              static_cast<double>(totals.in_time) / options.seconds);
  if (options.rate > 0) {
    std::printf(",\"rate_asked\":%g,\"unsent\":%" PRIu64 ",", options.rate, totals.unsent);
    PrintQuantiles("queue_us", totals.queue);
  }
  std::printf(",");
  PrintQuantiles("latency_us", totals.latency);
  std::printf(",\"bytes_in_time\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"generator_cpu_seconds\":%.6f",
              totals.bytes_in_time, totals.bytes, CpuSeconds());
  std::printf(",\"errors\":{\"status\":%" PRIu64 ",\"connection\":%" PRIu64 ",\"timeout\":%" PRIu64
              "},\"answers\":%" PRIu64 ",\"reconnects\":%" PRIu64 "}\n",
              totals.status_errors, totals.connection_errors, totals.timeout_errors, totals.answers,
              totals.reconnects);
}

Totals RunAll(const Options& options) {
  std::latch started(options.threads);
  std::vector<Totals> totals(static_cast<std::size_t>(options.threads));
  std::vector<std::thread> threads;
  threads.reserve(totals.size());
  for (int i = 0; i < options.threads; ++i) {
    threads.emplace_back([&options, &started, &totals, i] {
      totals[static_cast<std::size_t>(i)] = Worker(options, i, started).Run();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 1; i < totals.size(); ++i) totals[0].Merge(totals[i]);
  return totals[0];
}

int Main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--help") {
      std::fputs(kUsage, stdout);
      return 0;
    }
  }
  Options options;
  if (!ParseOptions(argc, argv, options)) return 2;
  if (options.self_test) return SelfTest() ? 0 : 1;
  Print(options, RunAll(options));
  return 0;
}

}  // namespace
}  // namespace daybook::bench

int main(int argc, char** argv) { return daybook::bench::Main(argc, argv); }
