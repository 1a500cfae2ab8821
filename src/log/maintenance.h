// MaintenanceStore keeps a process running that serves no log, so that tools can be used on a data
// folder that belongs to nobody meanwhile.
#pragma once

#include <string_view>
#include <vector>

#include "log/log.h"

namespace daybook::log {

// Answers everything kUnavailable. Thread-safe.
class MaintenanceStore : public LogStore {
 public:
  const char* engine() const override { return "maintenance"; }
  Durability durability() const override { return Durability::kMemory; }
  void Find(std::string_view name, FindDone done) override;
  void Create(std::string_view name, const Retention& retention, CreateDone done) override;
  void Delete(std::shared_ptr<Log> log, DeleteDone done) override;
  void List(std::string_view prefix, std::string_view after, std::size_t logs_max,
            ListDone done) override;
  std::vector<Check> Checks() const override;
  Activity activity() const override { return {}; }
};

}  // namespace daybook::log
