// bench_engine: the disk engine, driven through log::Log as the server drives it, without HTTP. See
// kEngineUsage.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/heap.h"
#include "base/logging.h"
#include "disk/disk_store.h"
#include "engine/options.h"
#include "engine/tasks.h"

namespace daybook::bench {
namespace {

void Fail(const Status& status) {
  std::fprintf(stderr, "bench_engine: %s\n", status.ToString().c_str());
  std::_Exit(1);
}

void Print(const EngineWork& work) {
  std::printf("{\"records\":%" PRIu64 ",\"calls\":%" PRIu64 ",\"bytes\":%" PRIu64
              ",\"groups\":%" PRIu64 ",\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n",
              work.records, work.calls, work.bytes, work.groups, work.seconds, work.cpu_seconds);
}

Result<EngineWork> Run(const EngineOptions& options) {
  if (options.task == "pread") return ReadFiles(options);
  auto store =
      disk::DiskLogStore::Open(FileSystem::Posix(), Clock::System(), options.data_dir, {}, Fail);
  if (!store.ok()) return store.status();
  (*store)->AwaitRecovery();
  if (options.task == "read") return ReadPages(**store, options);
  std::puts("appending");
  std::fflush(stdout);
  return AppendBatches(**store, options);
}

int Main(int argc, char** argv) {
  EngineOptions options;
  if (!ParseOptions(argc, argv, options)) {
    std::fputs(kEngineUsage, stderr);
    return 2;
  }
  KeepFreedMemory();
  logging::SetLevel(logging::Level::kWarn);
  const Result<EngineWork> work = Run(options);
  if (!work.ok()) Fail(work.status());
  Print(*work);
  return 0;
}

}  // namespace
}  // namespace daybook::bench

int main(int argc, char** argv) { return daybook::bench::Main(argc, argv); }
