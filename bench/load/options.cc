#include "load/options.h"

#include <cstdio>
#include <map>
#include <string_view>

#include "setter.h"

namespace daybook::bench {

const char* const kUsage = R"(bench_load --port N [OPTION VALUE]...

Sends requests over HTTP/1.1 and prints what became of them as one JSON object.

  --host A                 an IPv4 address [127.0.0.1]
  --connections C          [1]
  --threads T              each with its share of the connections and of the rate [1]
  --rate R                 open loop: a request every 1/R s, whether or not earlier ones are answered;
                           latency counts from the time that a request was due, also where it had to
                           wait for a connection
  --pipeline D             closed loop, where there is no --rate: D requests in flight on each
                           connection [1]
  --seconds S              measured [1]
  --warmup-seconds W       before, not measured [0]
  --drain-seconds D        after, for what is still unanswered [2]
  --timeout-seconds T      for one answer [5]
  --target append|read     POST / with a record, or GET /?offset=N [append]
  --value-bytes B          of an appended record [23]
  --offsets N              reads ask for 0 to N-1 [1]
  --offset-step S          so many times that [1]
  --order sequential|random  of the offsets [sequential]
  --method M, --path P, --body B  replace the target's own; {offset} in the path is replaced, or
                           {serial} in the body: by twelve digits that no other request has
  --body-times N           the body N times, one behind the other [1]
  --content-type T         of the body [application/json]
  --header "Name: value"   added to each request; may be repeated
  --followers F            so many connections follow, by one thread more, the log that the open
                           loop appends to, and the time is told from each answer, whose "offset"
                           says which record, to each delivery of the event with that id [0]
  --follow-path P          of its events [/v1/logs/default/records?offset=next]
  --self-test              checks the generator's own parts, and ends
)";

namespace {

Setter SetText(std::string& text) {
  return [&text](std::string_view value) {
    text = value;
    return true;
  };
}

std::map<std::string_view, Setter> SettersOf(Options& options) {
  constexpr double kSecondsMax = 24 * 3600;
  return {
      {"--host", SetText(options.host)},
      {"--port", SetNumber<std::uint16_t>(options.port, 1, UINT16_MAX)},
      {"--threads", SetNumber(options.threads, 1, 64)},
      {"--connections", SetNumber(options.connections, 1, 60000)},
      {"--rate", SetNumber(options.rate, 0.001, 1e8)},
      {"--pipeline", SetNumber(options.pipeline, 1, 1024)},
      {"--seconds", SetNumber(options.seconds, 0.001, kSecondsMax)},
      {"--warmup-seconds", SetNumber(options.warmup_seconds, 0.0, kSecondsMax)},
      {"--drain-seconds", SetNumber(options.drain_seconds, 0.0, kSecondsMax)},
      {"--timeout-seconds", SetNumber(options.timeout_seconds, 0.001, kSecondsMax)},
      {"--target",
       [&](std::string_view text) {
         options.target = text;
         return text == "append" || text == "read";
       }},
      {"--value-bytes", SetNumber<std::size_t>(options.value_bytes, 0, 64 << 20)},
      {"--offsets", SetNumber<std::uint64_t>(options.offsets, 1, UINT64_MAX)},
      {"--offset-step", SetNumber<std::uint64_t>(options.offset_step, 1, UINT32_MAX)},
      {"--order",
       [&](std::string_view text) {
         options.random = text == "random";
         return options.random || text == "sequential";
       }},
      {"--method", SetText(options.method)},
      {"--path", SetText(options.path)},
      {"--body", SetText(options.body)},
      {"--body-times", SetNumber(options.body_times, 1, 1 << 20)},
      {"--content-type", SetText(options.content_type)},
      {"--header",
       [&](std::string_view text) {
         options.headers.emplace_back(text);
         return text.find(':') != std::string_view::npos;
       }},
      {"--followers", SetNumber(options.followers, 0, 60000)},
      {"--follow-path", SetText(options.follow_path)},
  };
}

bool Complain(const char* what, std::string_view which) {
  std::fprintf(stderr, "bench_load: %s %.*s\n", what, static_cast<int>(which.size()), which.data());
  return false;
}

}  // namespace

bool ParseOptions(int argc, char** argv, Options& options) {
  const auto setters = SettersOf(options);
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--self-test") {
      options.self_test = true;
      continue;
    }
    const auto found = setters.find(name);
    if (found == setters.end()) return Complain("there is no option", name);
    if (++i == argc) return Complain("a value has to follow", name);
    if (!found->second(argv[i])) return Complain("not a value that can be used for", name);
  }
  if (options.self_test) return true;
  if (options.port == 0) return Complain("needed:", "--port");
  if (options.rate > 0 && options.pipeline > 1) {
    return Complain("--rate sends one request at a time on a connection; not with it:",
                    "--pipeline");
  }
  if (options.rate == 0 && options.followers > 0)
    return Complain("needed for --followers:", "--rate");
  if (options.threads > options.connections) return Complain("fewer connections than", "--threads");
  return true;
}

}  // namespace daybook::bench
