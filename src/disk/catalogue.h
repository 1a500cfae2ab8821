// Catalogue is the log that says which logs there are and how they are set. Each of its segments
// begins with all of that, so that there need only be one.
//
// Thread-safe once Open() has returned.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "disk/catalogue_state.h"
#include "disk/disk_log.h"

namespace daybook::disk {

class Catalogue {
 public:
  // All of them must outlive the catalogue.
  Catalogue(FileSystem& files, const Clock& clock, LogHost& host);

  // Recovers it. kDamaged: a record is not understood.
  Status Open(const std::string& folder);
  std::vector<CatalogueEntry> entries() const;

  // Waits until it is durable. From one thread.
  Status SetRetention(const log::LogId& id, const log::Retention& retention);

  void Keep() { log_.Keep(); }
  void Close() { log_.Close(); }

 private:
  DiskLogOptions Options();

  mutable Mutex mutex_;
  CatalogueState state_ GUARDED_BY(mutex_);
  DiskLog log_;
};

}  // namespace daybook::disk
