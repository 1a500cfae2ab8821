// DataFolder is what a store's files are in: the lock that one process holds, and the catalogue,
// which says which logs there are.
//
// The catalogue is a log of the same format in a folder of its own; each of its records is one
// change. It serves one log, `default`, so far. Used by one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/status.h"
#include "log/log_id.h"

namespace daybook::disk {

struct CatalogueEntry {
  log::LogId id;
  std::string name;
  Timestamp created;
};

class DataFolder {
 public:
  // Makes the folder where there is none, and locks it until it is destroyed. kUnavailable: another
  // process has it.
  static Result<std::unique_ptr<DataFolder>> Lock(FileSystem& files, const std::string& path);

  // Finishes what a crash left half done, makes the log `default` where there is none yet, and
  // returns the logs.
  Result<std::vector<CatalogueEntry>> OpenCatalogue(const Clock& clock);

  const std::string& path() const { return path_; }
  std::string LogFolder(const log::LogId& id) const;

 private:
  DataFolder(FileSystem& files, std::string path, std::unique_ptr<File> lock)
      : files_(files), path_(std::move(path)), lock_(std::move(lock)) {}

  Status RemoveTemporaryFolders(const std::vector<std::string>& names);
  Status RefuseOrphans(const std::vector<std::string>& names);
  Status MakeCatalogue(const Clock& clock);
  Status MakeLogFolder(const std::string& name, const log::LogId& id, Timestamp now,
                       const std::vector<CatalogueEntry>& entries);
  Status RemoveFolder(const std::string& folder);
  Result<std::vector<CatalogueEntry>> ReadCatalogue();

  FileSystem& files_;
  const std::string path_;
  const std::unique_ptr<File> lock_;
};

}  // namespace daybook::disk
