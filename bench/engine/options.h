// What bench_engine is asked to do, as its command line says it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace daybook::bench {

struct EngineOptions {
  std::string task;
  std::string data_dir;

  // append: ends at whichever comes first.
  std::uint64_t records = UINT64_MAX;
  double seconds = 1e9;
  std::size_t batch_records = 1000;
  std::size_t value_bytes = 100;
  int submitters = 1;
  int in_flight = 16;  // batches, of all submitters together

  // read and pread
  std::uint64_t page_records = 1000;
  std::uint64_t page_bytes = 1 << 20;
};

// False, after a line on standard error, where an option is unknown or makes no sense.
[[nodiscard]] bool ParseOptions(int argc, char** argv, EngineOptions& options);

extern const char* const kEngineUsage;

}  // namespace daybook::bench
