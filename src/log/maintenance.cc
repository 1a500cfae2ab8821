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

void MaintenanceStore::Find(std::string_view, FindDone done) { done(InMaintenance()); }

void MaintenanceStore::Create(std::string_view, const Retention&, CreateDone done) {
  done(InMaintenance());
}

void MaintenanceStore::Delete(std::shared_ptr<Log>, DeleteDone done) { done(InMaintenance()); }

void MaintenanceStore::List(std::string_view, std::string_view, std::size_t, ListDone done) {
  done(InMaintenance());
}

}  // namespace daybook::log
