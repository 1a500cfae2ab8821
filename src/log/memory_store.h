// The engine `memory`: MemoryLogs by name.
//
// Thread-safe; callbacks run within the call, after all mutexes were released. The store's mutex is
// taken before a log's, so that a log is deleted and gone from the names in one step.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "log/log.h"
#include "log/memory_account.h"
#include "log/memory_log.h"

namespace daybook::log {

class MemoryLogStore : public LogStore {
 public:
  // All logs together hold at most `bytes_max` bytes, as MemoryLog counts them. `clock` must
  // outlive the store.
  MemoryLogStore(const Clock& clock, std::uint64_t bytes_max,
                 const IdempotencyLimits& idempotency = {}, const StoreLimits& limits = {});

  const char* engine() const override { return "memory"; }
  Durability durability() const override { return Durability::kMemory; }

  void Find(std::string_view name, FindDone done) override;
  void Create(std::string_view name, const Retention& retention, CreateDone done) override;
  void Delete(std::shared_ptr<Log> log, DeleteDone done) override;
  void List(std::string_view prefix, std::string_view after, std::size_t logs_max,
            ListDone done) override;

  std::vector<Check> Checks() const override;
  Activity activity() const override { return account_.activity(); }
  void Close() override { account_.Close(); }

 private:
  Result<std::shared_ptr<Log>> FindNow(std::string_view name);
  Result<Created> CreateNow(std::string_view name, const Retention& retention);
  Status DeleteNow(const Log& log);
  std::shared_ptr<MemoryLog> Make(std::string_view name, const Retention& retention);

  const Clock& clock_;
  const IdempotencyLimits idempotency_;
  const StoreLimits limits_;
  MemoryAccount account_;

  Mutex mutex_{Mutex::Held::kBriefly};
  std::map<std::string, std::shared_ptr<MemoryLog>, std::less<>> logs_ GUARDED_BY(mutex_);
};

}  // namespace daybook::log
