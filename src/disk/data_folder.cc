#include "disk/data_folder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/logging.h"
#include "disk/append_body.h"
#include "disk/format.h"
#include "disk/log_folder.h"
#include "disk/recovery.h"
#include "disk/segment_writer.h"
#include "log/log.h"

namespace daybook::disk {
namespace {

std::string ParentOf(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Of a log's folder: no record was ever in it.
bool HoldsNothing(FileSystem& files, const std::string& folder) {
  const Result<RecoveredLog> log = RecoverLog(files, folder);
  return log.ok() && log->segments.size() == 1 && log->segments.back().end.offset == Offset(0);
}

}  // namespace

Status RemoveFolder(FileSystem& files, const std::string& folder) {
  const Result<std::vector<std::string>> names = files.List(folder);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    const std::string path = std::string(folder).append("/").append(name);
    if (Status status = files.Remove(path); !status.ok()) return status;
  }
  return files.Remove(folder);
}

Result<std::unique_ptr<DataFolder>> DataFolder::Lock(FileSystem& files, const std::string& path) {
  if (Status status = files.MakeFolder(path); !status.ok()) return status;
  if (Status status = files.SyncFolder(ParentOf(path)); !status.ok()) return status;
  Result<std::unique_ptr<File>> lock =
      files.Open(path + "/" + std::string(kLock), FileSystem::Mode::kOpenOrCreate);
  if (!lock.ok()) return lock.status();
  if (Status status = (*lock)->TryLock(); !status.ok()) {
    if (status.code() != StatusCode::kUnavailable) return status;
    return Status(StatusCode::kUnavailable, "the data folder " + path + " is another daybook's");
  }
  return std::unique_ptr<DataFolder>(new DataFolder(files, path, std::move(*lock)));
}

bool HasName(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Status CheckNames(const std::string& data_folder, const std::vector<std::string>& names) {
  if (HasName(names, kIncomplete)) {
    return {StatusCode::kDamaged,
            data_folder + "/" + std::string(kIncomplete) +
                ": the folder is a backup or a restore that was not finished; make it again"};
  }
  return {};
}

Status MakeFlag(FileSystem& files, const std::string& folder, std::string_view name) {
  const Result<std::unique_ptr<File>> flag =
      files.Open(std::string(folder).append("/").append(name), FileSystem::Mode::kOpenOrCreate);
  if (!flag.ok()) return flag.status();
  if (Status status = (*flag)->Sync(); !status.ok()) return status;
  return files.SyncFolder(folder);
}

std::string LogFolderIn(const std::string& data_folder, const log::LogId& log) {
  return data_folder + "/" + log.ToString();
}

std::string CatalogueFolderIn(const std::string& data_folder) {
  return data_folder + "/" + std::string(kCatalogue);
}

Status DataFolder::Prepare(const Clock& clock) {
  const Result<std::vector<std::string>> names = files_.List(path_);
  if (!names.ok()) return names.status();
  if (Status status = CheckNames(path_, *names); !status.ok()) return status;
  was_clean_ = HasName(*names, kClean);
  if (was_clean_) {
    if (Status status = Soil(); !status.ok()) return status;
  }
  if (Status status = RemoveTemporary(*names); !status.ok()) return status;
  if (!HasName(*names, kCatalogue)) {
    if (Status status = RefuseOrphans(*names); !status.ok()) return status;
    if (Status status = MakeCatalogue(clock); !status.ok()) return status;
  }
  // Made here, so that it belongs to whoever serves the folder and not to whoever makes a backup.
  const auto backup =
      files_.Open(path_ + "/" + std::string(kBackup), FileSystem::Mode::kOpenOrCreate);
  if (!backup.ok()) return backup.status();
  return files_.SyncFolder(path_);
}

Status DataFolder::Soil() {
  const Status status = files_.Remove(path_ + "/" + std::string(kClean));
  if (status.code() == StatusCode::kNotFound) return {};
  return status.ok() ? files_.SyncFolder(path_) : status;
}

Status DataFolder::RemoveTemporary(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!name.ends_with(kTemporarySuffix)) continue;
    const std::string_view made =
        std::string_view(name).substr(0, name.size() - kTemporarySuffix.size());
    const std::string path = path_ + "/" + name;
    Status status;
    if (ParseJournalName(made)) {
      status = files_.Remove(path);
    } else if (made == kCatalogue || log::LogId::Parse(made)) {
      status = RemoveFolder(files_, path);
    }
    if (!status.ok()) return status;
  }
  return {};
}

// Without a catalogue there can be logs only of a first start that did not come to its end, and
// those are empty.
Status DataFolder::RefuseOrphans(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!log::LogId::Parse(name)) continue;
    const std::string folder = path_ + "/" + name;
    if (!HoldsNothing(files_, folder)) {
      return {StatusCode::kDamaged,
              path_ + "/" + std::string(kCatalogue) + " is missing, and there are logs: " + folder};
    }
    if (Status status = RemoveFolderDurably(folder); !status.ok()) return status;
  }
  return {};
}

Status DataFolder::RemoveFolderDurably(const std::string& folder) {
  // Under the other name it may be half removed: then the next start goes on.
  const std::string temporary = std::string(folder).append(kTemporarySuffix);
  Status status = files_.Rename(folder, temporary);
  if (status.code() == StatusCode::kNotFound) return {};
  if (!status.ok()) return status;
  if (status = files_.SyncFolder(path_); !status.ok()) return {StatusCode::kIo, status.message()};
  (void)RemoveFolder(files_, temporary);
  return {};
}

Status DataFolder::RemoveLogFolder(const log::LogId& id) {
  const Result<std::unique_ptr<File>> backup = KeepBackupsOff();
  if (!backup.ok()) return {StatusCode::kUnavailable, backup.status().message()};
  return RemoveFolderDurably(LogFolder(id));
}

Status DataFolder::RemoveLeftovers(const std::set<log::LogId>& known) {
  const Result<std::vector<std::string>> names = files_.List(path_);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    const auto id = log::LogId::Parse(name);
    if (!id || known.count(*id) > 0) continue;
    const std::string folder = LogFolder(*id);
    if (!HoldsNothing(files_, folder)) {
      logging::Warn("a folder is left alone that the catalogue does not name",
                    {{"folder", folder}});
    } else if (Status status = RemoveFolderDurably(folder); !status.ok()) {
      return status;
    }
  }
  return {};
}

Status DataFolder::MakeCatalogue(const Clock& clock) {
  const Timestamp now = clock.Now();
  const CatalogueEntry entry{log::LogId::Random(), std::string(log::kDefaultLog), now, {}};
  if (Status status = MakeLogFolder(entry.id.ToString(), entry.id, now, {}); !status.ok())
    return status;
  return MakeLogFolder(std::string(kCatalogue), log::LogId::Random(), now, {CreationOf(entry)});
}

Status DataFolder::MakeLogFolder(const std::string& name, const log::LogId& id, Timestamp now,
                                 const log::Batch& first) {
  const std::string folder = path_ + "/" + name;
  const std::string temporary = std::string(folder).append(kTemporarySuffix);
  if (Status status = files_.MakeFolder(temporary); !status.ok()) return status;
  Status status = FillLogFolder(temporary, id, now, first);
  if (status.ok()) status = files_.Rename(temporary, folder);
  if (!status.ok()) {
    (void)RemoveFolder(files_, temporary);  // if that fails, too, the next start does it
    return status;
  }
  return files_.SyncFolder(path_);
}

Status DataFolder::FillLogFolder(const std::string& folder, const log::LogId& id, Timestamp now,
                                 const log::Batch& first) {
  if (Status status = WriteMeta(files_, folder + "/meta", {id, Offset(0)}); !status.ok())
    return status;
  Result<std::unique_ptr<SegmentWriter>> writer =
      SegmentWriter::Create(files_, folder, id, Offset(0), now);
  if (!writer.ok()) return writer.status();
  if (!first.empty()) {
    if (Status status = (*writer)->BeginWith(*EncodeAppend(first, {}), now); !status.ok())
      return status;
  }
  return (*writer)->Publish();
}

Result<std::unique_ptr<File>> DataFolder::KeepBackupsOff() {
  Result<std::unique_ptr<File>> backup =
      files_.Open(path_ + "/" + std::string(kBackup), FileSystem::Mode::kOpenOrCreate);
  if (!backup.ok()) return backup;
  if (Status status = (*backup)->TryLock(); !status.ok()) return status;
  return backup;
}

Status DataFolder::RemoveFiles(const std::vector<std::string>& paths) {
  const Result<std::unique_ptr<File>> backup = KeepBackupsOff();
  if (!backup.ok()) return backup.status();
  for (const std::string& path : paths) {
    if (Status status = files_.Remove(path); !status.ok() && status.code() != StatusCode::kNotFound)
      return status;
  }
  return {};
}

}  // namespace daybook::disk
