#include "log/maintenance.h"

namespace daybook::log {
namespace {

Status InMaintenance() {
  return {StatusCode::kUnavailable, "in maintenance: the logs are not open"};
}

}  // namespace

std::vector<Check> MaintenanceStore::Checks() const {
  return {{"maintenance", Check::State::kFailing, InMaintenance().message()}};
}

void MaintenanceStore::ClosedLog::Append(Batch, AppendOptions, AppendDone done) {
  done(InMaintenance());
}

void MaintenanceStore::ClosedLog::Read(Offset, const ReadLimits&, ReadDone done) {
  done(InMaintenance());
}

void MaintenanceStore::ClosedLog::Info(InfoDone done) { done(InMaintenance()); }

void MaintenanceStore::ClosedLog::Trim(Offset, InfoDone done) { done(InMaintenance()); }

void MaintenanceStore::ClosedLog::Configure(const RetentionChange&, InfoDone done) {
  done(InMaintenance());
}

}  // namespace daybook::log
