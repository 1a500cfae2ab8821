#include "engine/options.h"

#include <cstdio>
#include <map>
#include <string_view>

#include "setter.h"

namespace daybook::bench {

const char* const kEngineUsage = R"(bench_engine TASK --data-dir D [OPTION VALUE]...

Drives the disk engine without a server and prints what it did as one JSON object, the last line.

  append   batches; with --records, --seconds or both, whichever ends first
    --batch R              records in a batch [1000]
    --value-bytes B        of a record [100]
    --submitters T         threads that make and append batches [1]
    --in-flight K          batches that are not answered yet, of all threads together [16]
  read     the whole log through the engine, page by page, again and again for --seconds [one pass]
    --page-records R       at most [1000]
    --page-bytes B         of values, at most [1048576]
  pread    the log's files without the engine, --page-bytes at a time, for --seconds [one pass]
)";

namespace {

std::map<std::string_view, Setter> SettersOf(EngineOptions& options) {
  return {
      {"--data-dir",
       [&](std::string_view text) {
         options.data_dir = text;
         return !text.empty();
       }},
      {"--records", SetNumber<std::uint64_t>(options.records, 1, UINT64_MAX)},
      {"--seconds", SetNumber(options.seconds, 0.001, 24 * 3600.0)},
      {"--batch", SetNumber<std::size_t>(options.batch_records, 1, 1 << 20)},
      {"--value-bytes", SetNumber<std::size_t>(options.value_bytes, 0, 1 << 20)},
      {"--submitters", SetNumber(options.submitters, 1, 64)},
      {"--in-flight", SetNumber(options.in_flight, 1, 1 << 15)},
      {"--page-records", SetNumber<std::uint64_t>(options.page_records, 1, UINT64_MAX)},
      {"--page-bytes", SetNumber<std::uint64_t>(options.page_bytes, 1, 1 << 30)},
  };
}

}  // namespace

bool ParseOptions(int argc, char** argv, EngineOptions& options) {
  const auto wrong = [](std::string_view what, const char* why) {
    std::fprintf(stderr, "bench_engine: %.*s: %s\n", static_cast<int>(what.size()), what.data(),
                 why);
    return false;
  };
  if (argc < 2) return wrong("TASK", "is missing");
  options.task = argv[1];
  const auto setters = SettersOf(options);
  for (int i = 2; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto setter = setters.find(name);
    if (setter == setters.end()) return wrong(name, "there is no such option");
    if (i + 1 == argc || !setter->second(argv[i + 1])) return wrong(name, "has no value it takes");
  }
  if (options.data_dir.empty()) return wrong("--data-dir", "is missing");
  return true;
}

}  // namespace daybook::bench
