// bench_load: sends requests at a fixed rate, or as fast as they are answered, and prints as one
// JSON object how many were answered and how long that took. `bench_load --help` lists the options.
#include <sys/resource.h>

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <latch>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "load/deliveries.h"
#include "load/followers.h"
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

// As many descriptors as this process may have.
void RaiseDescriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
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
              "},\"answers\":%" PRIu64 ",\"reconnects\":%" PRIu64,
              totals.status_errors, totals.connection_errors, totals.timeout_errors, totals.answers,
              totals.reconnects);
}

// Members of the same object.
void Print(const Options& options, const Followers& followers, const Deliveries& deliveries) {
  const std::uint64_t due = deliveries.appends() * static_cast<std::uint64_t>(options.followers);
  std::printf(",\"deliveries\":%" PRIu64 ",\"early\":%" PRIu64 ",\"reads\":%" PRIu64 ",",
              deliveries.delivered(), deliveries.early(), followers.reads());
  PrintQuantiles("delivery_us", deliveries.latency());
  std::printf(",\"delivery_errors\":{\"lost\":%" PRIu64 ",\"disorder\":%" PRIu64
              ",\"stream\":%" PRIu64 "}",
              due - deliveries.delivered(), followers.disorders(), followers.lost_streams());
}

Totals RunAll(const Options& options, Deliveries* deliveries) {
  std::latch started(options.threads);
  std::vector<Totals> totals(static_cast<std::size_t>(options.threads));
  std::vector<std::thread> threads;
  threads.reserve(totals.size());
  for (int i = 0; i < options.threads; ++i) {
    threads.emplace_back([&options, &started, &totals, deliveries, i] {
      totals[static_cast<std::size_t>(i)] = Worker(options, i, started, deliveries).Run();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 1; i < totals.size(); ++i) totals[0].Merge(totals[i]);
  return totals[0];
}

int RunFollowed(const Options& options) {
  Followers followers(options);
  if (!followers.Begin()) {
    std::fputs("bench_load: some followers have no stream\n", stderr);
    return 1;
  }
  const double seconds = options.warmup_seconds + options.seconds;
  const auto records = static_cast<std::size_t>(std::llround(seconds * options.rate));
  const auto deliveries = std::make_unique<Deliveries>(followers.first(), records);
  followers.Start(*deliveries);
  const Totals totals = RunAll(options, deliveries.get());
  followers.Stop(options.drain_seconds);
  Print(options, totals);
  Print(options, followers, *deliveries);
  std::puts("}");
  return 0;
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
  RaiseDescriptors();
  if (options.followers > 0) return RunFollowed(options);
  Print(options, RunAll(options, nullptr));
  std::puts("}");
  return 0;
}

}  // namespace
}  // namespace daybook::bench

int main(int argc, char** argv) { return daybook::bench::Main(argc, argv); }
