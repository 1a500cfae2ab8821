// bench_nats_publish --url URL [OPTION VALUE]...: what cnats takes alone to publish to a stream of
// NATS JetStream: the least that daybook's engine over it can take.
//
// One connection, js_PublishMsgAsync() and a handler of acknowledgements, as the manual of cnats
// has it. The stream is made with the settings that daybook makes a log's with, save that nothing
// is published again; where it is there already it is used. Closed loop: --in-flight messages, the
// next as soon as one is acknowledged. Open loop: a message every 1/R s, whether or not earlier
// ones are acknowledged. A message begins with the time at which it was due, from which its latency
// counts. Prints a JSON object as bench_load does, with the CPU time of this process in it.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "load/quantiles.h"
#include "peers/nats/publisher.h"
#include "setter.h"

namespace daybook::bench {
namespace {

Setter SetText(std::string& text) {
  return [&text](std::string_view value) {
    text = value;
    return !text.empty();
  };
}

bool ParseOptions(int argc, char** argv, PublishOptions& options) {
  constexpr double kSecondsMax = 24 * 3600;
  const std::map<std::string_view, Setter> setters = {
      {"--url", SetText(options.url)},
      {"--stream", SetText(options.stream)},
      {"--subject", SetText(options.subject)},
      {"--value-bytes", SetNumber<std::size_t>(options.value_bytes, sizeof(std::int64_t), 1 << 20)},
      {"--in-flight", SetNumber(options.in_flight, 1, 1 << 20)},
      {"--rate", SetNumber(options.rate, 0.001, 1e8)},
      {"--warmup-seconds", SetNumber(options.warmup_seconds, 0.0, kSecondsMax)},
      {"--seconds", SetNumber(options.seconds, 0.001, kSecondsMax)},
      // at once, as daybook, or when a millisecond has passed or the buffer is full, as cnats is
      {"--send",
       [&](std::string_view value) {
         options.send_asap = value == "asap";
         return options.send_asap || value == "buffered";
       }},
  };
  for (int i = 1; i < argc; i += 2) {
    const auto found = setters.find(argv[i]);
    if (found == setters.end() || i + 1 == argc || !found->second(argv[i + 1])) return false;
  }
  return !options.url.empty();
}

void Print(const PublishOptions& options, const PublishTotals& totals) {
  std::printf("{\"mode\":\"%s\",\"requests\":%" PRIu64 ",\"seconds\":%g,\"rate\":%.1f,",
              options.rate > 0 ? "open" : "closed", totals.requests, options.seconds,
              static_cast<double>(totals.in_time) / options.seconds);
  if (options.rate > 0) {
    std::printf("\"rate_asked\":%g,\"unsent\":0,", options.rate);
    PrintQuantiles("queue_us", totals.queue);
    std::printf(",");
  }
  PrintQuantiles("latency_us", totals.latency);
  std::printf(",\"cpu_seconds\":%.6f,\"errors\":{\"status\":%" PRIu64 ",\"connection\":%" PRIu64
              ",\"timeout\":%" PRIu64 "},\"answers\":%" PRIu64 "}\n",
              totals.cpu_seconds, totals.refused, totals.unpublished, totals.unanswered,
              totals.answers);
}

int Main(int argc, char** argv) {
  PublishOptions options;
  if (!ParseOptions(argc, argv, options)) {
    std::fputs(
        "bench_nats_publish --url URL [--stream S] [--subject S] [--value-bytes B] [--in-flight N "
        "| --rate R] [--seconds S] [--warmup-seconds W] [--send asap|buffered]\n",
        stderr);
    return 2;
  }
  Publisher publisher(options);
  publisher.MakeStream();
  Print(options, publisher.Run());
  return 0;
}

}  // namespace
}  // namespace daybook::bench

int main(int argc, char** argv) { return daybook::bench::Main(argc, argv); }
