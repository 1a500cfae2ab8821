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
  Log* Find(std::string_view name) override { return name == kDefaultLog ? &log_ : nullptr; }
  std::vector<Check> Checks() const override;
  Activity activity() const override { return {}; }

 private:
  class ClosedLog : public Log {
   public:
    using Log::Append;
    void Append(Batch batch, AppendOptions options, AppendDone done) override;
    void Read(Offset from, const ReadLimits& limits, ReadDone done) override;
    void Info(InfoDone done) override;
    void Trim(Offset before, InfoDone done) override;
    void Configure(const RetentionChange& change, InfoDone done) override;
  };

  ClosedLog log_;
};

}  // namespace daybook::log
