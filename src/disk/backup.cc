#include "disk/backup.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "disk/data_folder.h"
#include "disk/inspect.h"
#include "disk/journal_replay.h"

namespace daybook::disk {
namespace {

constexpr std::chrono::milliseconds kPause{100};

std::string Inside(const std::string& folder, std::string_view name) {
  return std::string(folder).append("/").append(name);
}

std::string WithoutSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// Keeps segments where they are, until it is closed.
Result<std::unique_ptr<File>> HoldSegments(FileSystem& files, const std::string& folder,
                                           std::chrono::milliseconds patience) {
  const std::string path = Inside(folder, kBackup);
  // For reading first: whoever may read a folder may not be allowed to write to it.
  Result<std::unique_ptr<File>> file = files.Open(path, FileSystem::Mode::kRead);
  if (file.status().code() == StatusCode::kNotFound)
    file = files.Open(path, FileSystem::Mode::kOpenOrCreate);
  if (!file.ok()) return file;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    Status status = (*file)->TryLockShared();
    if (status.ok()) return file;
    if (status.code() != StatusCode::kUnavailable) return status;
    if (std::chrono::steady_clock::now() + kPause > deadline) {
      return Status(StatusCode::kUnavailable,
                    status.message() + ": the server is taking old segments away; try again");
    }
    std::this_thread::sleep_for(kPause);
  }
}

// Keeps servers off a folder, until it is closed; null where none has ever served it.
Result<std::unique_ptr<File>> HoldOff(FileSystem& files, const std::string& folder) {
  Result<std::unique_ptr<File>> lock = files.Open(Inside(folder, kLock), FileSystem::Mode::kRead);
  if (lock.status().code() == StatusCode::kNotFound) return std::unique_ptr<File>();
  if (!lock.ok()) return lock;
  Status status = (*lock)->TryLockShared();
  if (status.ok()) return lock;
  if (status.code() != StatusCode::kUnavailable) return status;
  return Status(StatusCode::kUnavailable, folder + " is being served: make a backup of it first");
}

// That `from` is a data folder of which a copy can be made.
Status CheckSource(FileSystem& files, const std::string& from) {
  const Result<std::vector<std::string>> names = files.List(from);
  if (!names.ok()) return names.status();
  if (Status status = CheckNames(from, *names); !status.ok()) return status;
  if (!HasName(*names, kCatalogue))
    return {StatusCode::kNotFound, from + " has no catalogue: it is no data folder"};
  const Result<std::vector<std::string>> journals = ListJournals(files, from);
  if (!journals.ok()) return journals.status();
  if (journals->empty() || HoldOff(files, from).status().code() == StatusCode::kUnavailable)
    return {};
  return {StatusCode::kUnavailable,
          journals->front() +
              " may hold records that are nowhere else; start the server once, or run `daybook "
              "repair --yes` on the folder, which write them to their places"};
}

class FolderCopy {
 public:
  FolderCopy(FileSystem& files, const std::string& from, const std::string& to,
             const CopyOptions& options)
      : files_(files), from_(WithoutSlashes(from)), to_(WithoutSlashes(to)), options_(options) {}

  Status Check() {
    phase_ = CopyPhase::kChecking;
    const std::string catalogue = CatalogueFolderIn(from_);
    if (Status status = CheckLog(files_, catalogue, on_bytes_); !status.ok()) return status;
    const Result<std::vector<CatalogueEntry>> entries = LookIntoCatalogue(files_, from_);
    if (!entries.ok()) return entries.status();
    for (const CatalogueEntry& entry : *entries) {
      if (Status status = CheckLog(files_, LogFolderIn(from_, entry.id), on_bytes_); !status.ok())
        return status;
    }
    return {};
  }

  Result<std::vector<LogCopy>> Copy(Sealed sealed) {
    phase_ = CopyPhase::kCopying;
    bytes_ = 0;
    if (Status status = TakeFolder(); !status.ok()) return status;
    Status status = Mark();
    if (status.ok()) status = CopyLogs(sealed);
    if (status.ok()) status = End();
    if (status.ok()) return std::move(copies_);
    if (Clear().ok()) return status;
    return Status(status.code(), status.message() + "; what " + to_ +
                                     " holds of it is removed when it is made again");
  }

 private:
  // What a folder may hold that counts as empty: an unfinished copy does.
  static bool MayStay(const std::string& name) {
    return name == kLock || name == kBackup || name == kClean || name == kIncomplete ||
           name == "lost+found";
  }
  static bool IsOfACopy(const std::string& name) {
    const bool temporary = name.ends_with(kTemporarySuffix);
    const std::string_view made =
        std::string_view(name).substr(0, name.size() - (temporary ? kTemporarySuffix.size() : 0));
    return made == kCatalogue || log::LogId::Parse(made);
  }

  // Afterwards it is ours, and empty but for what may stay.
  Status TakeFolder() {
    if (Status status = CheckName(); !status.ok()) return status;
    Result<std::unique_ptr<DataFolder>> locked = DataFolder::Lock(files_, to_);
    if (!locked.ok()) return locked.status();
    locked_ = std::move(*locked);
    const Result<std::vector<std::string>> names = files_.List(to_);
    if (!names.ok()) return names.status();
    const bool unfinished = HasName(*names, kIncomplete);
    for (const std::string& each : *names) {
      if (MayStay(each) || (unfinished && IsOfACopy(each))) continue;
      return {StatusCode::kInvalidArgument, to_ + " is not empty: it has " + each};
    }
    if (Status status = locked_->Soil(); !status.ok()) return status;
    return unfinished ? ClearLogs() : Status();
  }

  // In a data folder it must not look like a log's.
  Status CheckName() {
    const std::size_t slash = to_.rfind('/');
    const bool has_slash = slash != std::string::npos && slash > 0;
    const auto beside = files_.List(has_slash ? to_.substr(0, slash) : slash == 0 ? "/" : ".");
    if (!beside.ok() || !HasName(*beside, kCatalogue)) return {};
    if (!IsOfACopy(to_.substr(slash + 1))) return {};
    return {StatusCode::kInvalidArgument,
            to_ + ": a folder of that name would be taken for a log's"};
  }

  // Durably, before there is anything else in it.
  Status Mark() { return MakeFlag(files_, to_, kIncomplete); }

  // The catalogue comes first, since each log that it names then is there now, and gets its name
  // last.
  Status CopyLogs(Sealed sealed) {
    const std::string catalogue = CatalogueFolderIn(to_).append(kTemporarySuffix);
    if (Status status = CopyOne("", CatalogueFolderIn(from_), catalogue, sealed); !status.ok())
      return status;
    const Result<std::vector<CatalogueEntry>> entries = ReadEntries(files_, catalogue);
    if (!entries.ok()) return entries.status();
    for (const CatalogueEntry& entry : *entries) {
      if (Status status =
              CopyOne(entry.name, LogFolderIn(from_, entry.id), LogFolderIn(to_, entry.id), sealed);
          !status.ok()) {
        return status;
      }
    }
    if (Status status = files_.Rename(catalogue, CatalogueFolderIn(to_)); !status.ok())
      return status;
    return files_.SyncFolder(to_);
  }

  Status CopyOne(const std::string& name, const std::string& from, const std::string& to,
                 Sealed sealed) {
    Result<LogCopy> copy = CopyLog(files_, from, to, sealed, on_bytes_);
    if (!copy.ok()) return copy.status();
    copy->name = name;
    copies_.push_back(std::move(*copy));
    return {};
  }

  Status End() {
    if (Status status = files_.Remove(Inside(to_, kIncomplete)); !status.ok()) return status;
    return files_.SyncFolder(to_);
  }

  Status ClearLogs() {
    const Result<std::vector<std::string>> names = files_.List(to_);
    if (!names.ok()) return names.status();
    for (const std::string& name : *names) {
      if (!IsOfACopy(name)) continue;
      if (Status status = RemoveFolder(files_, Inside(to_, name)); !status.ok()) return status;
    }
    return {};
  }

  // The mark, which may have been taken away already, goes last.
  Status Clear() {
    if (Status status = Mark(); !status.ok()) return status;
    if (Status status = ClearLogs(); !status.ok()) return status;
    if (Status status = files_.SyncFolder(to_); !status.ok()) return status;
    return files_.Remove(Inside(to_, kIncomplete));
  }

  FileSystem& files_;
  const std::string from_;
  const std::string to_;
  const CopyOptions& options_;
  const OnBytes on_bytes_ = [this](std::uint64_t bytes) {
    bytes_ += bytes;
    options_.on_progress(phase_, bytes_);
  };
  CopyPhase phase_ = CopyPhase::kCopying;
  std::uint64_t bytes_ = 0;
  std::unique_ptr<DataFolder> locked_;
  std::vector<LogCopy> copies_;
};

}  // namespace

Result<std::vector<LogCopy>> Backup(FileSystem& files, const std::string& from,
                                    const std::string& to, const CopyOptions& options) {
  if (Status status = CheckSource(files, from); !status.ok()) return status;
  const Result<std::unique_ptr<File>> held = HoldSegments(files, from, options.patience);
  if (!held.ok()) return held.status();
  return FolderCopy(files, from, to, options).Copy(Sealed::kLinked);
}

Result<std::vector<LogCopy>> Restore(FileSystem& files, const std::string& from,
                                     const std::string& to, const CopyOptions& options) {
  if (Status status = CheckSource(files, from); !status.ok()) return status;
  const Result<std::unique_ptr<File>> held = HoldOff(files, from);
  if (!held.ok()) return held.status();
  FolderCopy copy(files, from, to, options);
  if (Status status = copy.Check(); !status.ok()) return status;
  return copy.Copy(Sealed::kCopied);
}

}  // namespace daybook::disk
