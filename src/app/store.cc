#include "app/store.h"

#include <utility>

#include "app/jetstream.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "disk/disk_store.h"
#include "log/maintenance.h"
#include "log/memory_store.h"

namespace daybook::app {

Result<std::unique_ptr<log::LogStore>> MakeStore(const config::Config& config,
                                                 std::function<void(const Status&)> on_failure) {
  if (config.maintenance)
    return std::unique_ptr<log::LogStore>(std::make_unique<log::MaintenanceStore>());
  const log::IdempotencyLimits idempotency{config.idempotency_window, config.idempotency_keys};
  const log::StoreLimits limits{config.max_logs, config.max_cursors};
  if (config.engine == "memory") {
    return std::unique_ptr<log::LogStore>(std::make_unique<log::MemoryLogStore>(
        Clock::System(), config.memory_limit, idempotency, limits));
  }
  if (config.engine == "jetstream") return MakeJetStreamStore(config);
  disk::DiskLogOptions options;
  options.segment_bytes_max = config.segment_size;
  options.reserve_bytes = config.disk_reserve;
  options.scrub_bytes_per_second = config.scrub_rate;
  options.idempotency = idempotency;
  options.limits = limits;
  auto store = disk::DiskLogStore::Open(FileSystem::Posix(), Clock::System(), config.data_dir,
                                        options, std::move(on_failure));
  if (!store.ok()) return store.status();
  return std::unique_ptr<log::LogStore>(std::move(*store));
}

}  // namespace daybook::app
