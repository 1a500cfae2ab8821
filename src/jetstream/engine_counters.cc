#include "jetstream/engine_counters.h"

#include "base/check.h"

namespace daybook::jetstream {

void EngineCounters::ObservePublish(std::chrono::nanoseconds duration) {
  const MutexLock lock(mutex_);
  publishes_.Observe(duration);
}

void EngineCounters::CountError(const char* kind) {
  const MutexLock lock(mutex_);
  const auto known = errors_.find(kind);
  CHECK(known != errors_.end(), "an error of an unlisted kind");
  ++known->second;
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
