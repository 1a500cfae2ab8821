#include "jetstream/engine_counters.h"

namespace daybook::jetstream {

void EngineCounters::ObservePublish(std::chrono::nanoseconds duration) {
  const MutexLock lock(mutex_);
  publishes_.Observe(duration);
}

void EngineCounters::CountError(const char* kind) {
  const MutexLock lock(mutex_);
  ++errors_[kind];
}

log::ReplicationStats EngineCounters::replication() const {
  log::ReplicationStats stats;
  stats.missing_records = missing_;
  stats.publish_retries = retries_;
  stats.replica_lag = replica_lag_;
  const MutexLock lock(mutex_);
  AddTo(stats.publishes, publishes_);
  stats.errors = errors_;
  return stats;
}

}  // namespace daybook::jetstream
