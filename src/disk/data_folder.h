// DataFolder is what a store's files are in: the lock that one process holds, the folders of its
// logs, and the one of the catalogue, which says which logs there are. Used by one thread at a
// time.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/status.h"
#include "disk/catalogue_state.h"
#include "log/log_id.h"
#include "log/record.h"

namespace daybook::disk {

// Names in a data folder.
inline constexpr std::string_view kCatalogue = "catalogue";
inline constexpr std::string_view kLock = "LOCK";
// There from a clean stop to the next start.
inline constexpr std::string_view kClean = "CLEAN";
// Locked shared by whoever needs segments to stay where they are.
inline constexpr std::string_view kBackup = "BACKUP";
// There while the folder is made as a copy of another (disk/backup.h).
inline constexpr std::string_view kIncomplete = "INCOMPLETE";

// A folder with files and nothing else in it.
Status RemoveFolder(FileSystem& files, const std::string& folder);

bool HasName(const std::vector<std::string>& names, std::string_view name);
// kDamaged: with these names in it, a data folder is an unfinished copy.
Status CheckNames(const std::string& data_folder, const std::vector<std::string>& names);

// Makes an empty file of that name, if there is none, durably.
Status MakeFlag(FileSystem& files, const std::string& folder, std::string_view name);

// The folder of a log, or of the catalogue, in a data folder.
std::string LogFolderIn(const std::string& data_folder, const log::LogId& log);
std::string CatalogueFolderIn(const std::string& data_folder);

class DataFolder {
 public:
  // Makes the folder where there is none, and locks it until it is destroyed. kUnavailable: another
  // process has it.
  static Result<std::unique_ptr<DataFolder>> Lock(FileSystem& files, const std::string& path);

  // Finishes what a crash left half done, and makes the log `default` and the catalogue where they
  // are not there yet.
  Status Prepare(const Clock& clock);

  // Whether everything was durable when Prepare() was called, for the store before had stopped
  // cleanly.
  bool was_clean() const { return was_clean_; }
  // Everything is durable, and nobody will change anything before Soil(), which Prepare() calls.
  Status LeaveClean() { return MakeFlag(files_, path_, kClean); }
  // Durably takes back that it is so, before anything is changed.
  Status Soil();

  // Makes a log's folder under a temporary name, with meta, a first segment and what it begins
  // with, all durable, and then gives it its name. Where that fails nothing of it is left, if that
  // can be.
  Status MakeLogFolder(const std::string& name, const log::LogId& id, Timestamp now,
                       const log::Batch& first);

  // Removes the folder of a log, if there is one, durably. kUnavailable: a backup is under way.
  // kIo: nobody knows whether it will be there after a power loss.
  Status RemoveLogFolder(const log::LogId& id);
  // Removes the folders of logs that are not `known` and that hold nothing: what is left of
  // creations that did not come to their end.
  Status RemoveLeftovers(const std::set<log::LogId>& known);

  // While it is held no backup begins. kUnavailable: one is under way.
  Result<std::unique_ptr<File>> KeepBackupsOff();

  // Removes files, of which there need not be all. kUnavailable: a backup is under way.
  Status RemoveFiles(const std::vector<std::string>& paths);

  const std::string& path() const { return path_; }
  const std::string& lock_path() const { return lock_->path(); }
  std::string CatalogueFolder() const { return CatalogueFolderIn(path_); }
  std::string LogFolder(const log::LogId& id) const { return LogFolderIn(path_, id); }

 private:
  DataFolder(FileSystem& files, std::string path, std::unique_ptr<File> lock)
      : files_(files), path_(std::move(path)), lock_(std::move(lock)) {}

  Status RemoveTemporary(const std::vector<std::string>& names);
  Status RefuseOrphans(const std::vector<std::string>& names);
  Status FillLogFolder(const std::string& folder, const log::LogId& id, Timestamp now,
                       const log::Batch& first);
  Status RemoveFolderDurably(const std::string& folder);
  Status MakeCatalogue(const Clock& clock);

  FileSystem& files_;
  const std::string path_;
  const std::unique_ptr<File> lock_;
  bool was_clean_ = false;
};

}  // namespace daybook::disk
