// What bench_engine does to a data folder. Each returns what it did and what that took, or why it
// could not.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "engine/options.h"
#include "log/find_and_wait.h"
#include "log/log.h"

namespace daybook::bench {

struct EngineWork {
  std::uint64_t records = 0;
  std::uint64_t calls = 0;  // batches, pages or preads
  std::uint64_t bytes = 0;  // on the disk
  std::uint64_t groups = 0;
  double seconds = 0;
  double cpu_seconds = 0;  // of the whole process
};

struct StopWatch {
  StopWatch();
  double seconds() const;
  double cpu_seconds() const;

 private:
  std::int64_t began_;
  std::int64_t cpu_began_;
};

// Batches of the same records, some in flight at a time; measured until the last is answered.
// `store` is a disk engine that serves.
Result<EngineWork> AppendBatches(log::LogStore& store, const EngineOptions& options);

// The whole log, from its first record to its end. One pass that is not measured comes before.
Result<EngineWork> ReadPages(log::LogStore& store, const EngineOptions& options);

// The same for the files of all logs in the folder, which nothing writes to.
Result<EngineWork> ReadFiles(const EngineOptions& options);

}  // namespace daybook::bench
