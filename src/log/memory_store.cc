#include "log/memory_store.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "log/refusals.h"

namespace daybook::log {

MemoryLogStore::MemoryLogStore(const Clock& clock, std::uint64_t bytes_max,
                               const IdempotencyLimits& idempotency, const StoreLimits& limits)
    : clock_(clock), idempotency_(idempotency), limits_(limits), account_(bytes_max, clock.Now()) {
  logs_.emplace(kDefaultLog, Make(kDefaultLog, {}));
}

std::shared_ptr<MemoryLog> MemoryLogStore::Make(std::string_view name, const Retention& retention) {
  return std::make_shared<MemoryLog>(
      clock_, account_, MemoryLog::Settings{std::string(name), retention, idempotency_, limits_});
}

void MemoryLogStore::Find(std::string_view name, FindDone done) { done(FindNow(name)); }

Result<std::shared_ptr<Log>> MemoryLogStore::FindNow(std::string_view name) {
  const MutexLock lock(mutex_);
  const auto found = logs_.find(name);
  if (found != logs_.end()) return std::shared_ptr<Log>(found->second);
  return NoSuchLog(name);
}

void MemoryLogStore::Create(std::string_view name, const Retention& retention, CreateDone done) {
  done(CreateNow(name, retention));
}

Result<Created> MemoryLogStore::CreateNow(std::string_view name, const Retention& retention) {
  const MutexLock lock(mutex_);
  const auto found = logs_.find(name);
  if (found != logs_.end()) return Created{found->second, false};
  if (logs_.size() >= limits_.logs_max) return TooManyLogs(limits_);
  const auto made = logs_.emplace(name, Make(name, retention)).first;
  return Created{made->second, true};
}

void MemoryLogStore::Delete(std::shared_ptr<Log> log, DeleteDone done) {
  CHECK(log->name() != kDefaultLog, "the log 'default' is deleted");
  Status deleted = DeleteNow(*log);
  if (deleted.ok()) log->watches().Tell();
  done(std::move(deleted));
}

Status MemoryLogStore::DeleteNow(const Log& log) {
  std::shared_ptr<const void> content;  // is freed after the lock
  const MutexLock lock(mutex_);
  const auto found = logs_.find(log.name());
  if (found == logs_.end() || found->second.get() != &log) return LogDeleted(log.name());
  content = found->second->Delete();
  logs_.erase(found);
  return {};
}

void MemoryLogStore::List(std::string_view prefix, std::string_view after, std::size_t logs_max,
                          ListDone done) {
  std::vector<std::shared_ptr<Log>> logs;
  {
    const MutexLock lock(mutex_);
    auto next =
        std::max(prefix, after) == after ? logs_.upper_bound(after) : logs_.lower_bound(prefix);
    for (; next != logs_.end() && logs.size() < logs_max && next->first.starts_with(prefix); ++next)
      logs.push_back(next->second);
  }
  done(std::move(logs));
}

std::vector<Check> MemoryLogStore::Checks() const {
  if (!account_.full()) return {{"memory", Check::State::kOk, ""}};
  return {{"memory", Check::State::kDegraded,
           "the memory limit is reached: appends get 507, reads go on"}};
}

}  // namespace daybook::log
