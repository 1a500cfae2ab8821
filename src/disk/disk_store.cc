#include "disk/disk_store.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/logging.h"

namespace daybook::disk {

Result<std::unique_ptr<DiskLogStore>> DiskLogStore::Open(
    FileSystem& files, const Clock& clock, const std::string& folder, const DiskLogOptions& options,
    std::function<void(const Status&)> on_failure) {
  Result<std::unique_ptr<DataFolder>> locked = DataFolder::Lock(files, folder);
  if (!locked.ok()) return locked.status();
  return std::unique_ptr<DiskLogStore>(
      new DiskLogStore(files, clock, std::move(*locked), options, std::move(on_failure)));
}

DiskLogStore::DiskLogStore(FileSystem& files, const Clock& clock,
                           std::unique_ptr<DataFolder> folder, const DiskLogOptions& options,
                           std::function<void(const Status&)> on_failure)
    : files_(files),
      clock_(clock),
      folder_(std::move(folder)),
      on_failure_(std::move(on_failure)),
      catalogue_(files, clock, *this),
      default_log_(files, clock, options, *this),
      housekeeper_([this] { Keep(); }),
      scrubber_([this] { return default_log_.SealedSegments(); }, options.scrub_bytes_per_second),
      recovery_([this] {
        if (const Status status = Recover(); !status.ok()) OnFailure(status);
      }) {}

DiskLogStore::~DiskLogStore() { DiskLogStore::Close(); }

std::optional<log::CommitStats> DiskLogStore::commit_stats() const {
  log::CommitStats stats = default_log_.commit_stats();
  const Result<std::uint64_t> free_bytes = files_.FreeBytes(folder_->path());
  if (free_bytes.ok()) stats.free_bytes = *free_bytes;
  const Scrubber::Stats scrub = scrubber_.stats();
  stats.scrubbed_bytes = scrub.bytes;
  stats.scrub_passes = scrub.passes;
  stats.scrub_damages = scrub.damages;
  return stats;
}

void DiskLogStore::AwaitRecovery() {
  if (recovery_.joinable()) recovery_.join();
}

void DiskLogStore::AwaitHousekeeping() {
  std::promise<void> done;
  UniqueFunction<void()> task = [&] {
    Keep();
    done.set_value();
  };
  if (housekeeper_.Post(task)) done.get_future().wait();
}

void DiskLogStore::Keep() {
  catalogue_.Keep();
  default_log_.Keep();
}

void DiskLogStore::Close() {
  AwaitRecovery();
  scrubber_.Stop();
  default_log_.Close();
  catalogue_.Close();
  housekeeper_.Stop();
}

void DiskLogStore::OnFailure(const Status& status) {
  if (!failed_.exchange(true)) on_failure_(status);
}

Status DiskLogStore::SaveRetention(const log::LogId& id, const log::Retention& retention) {
  return catalogue_.SetRetention(id, retention);
}

Status DiskLogStore::RemoveFiles(const std::vector<std::string>& paths) {
  return folder_->RemoveFiles(paths);
}

Status DiskLogStore::Recover() {
  if (Status status = folder_->Prepare(clock_); !status.ok()) return status;
  if (Status status = catalogue_.Open(folder_->CatalogueFolder()); !status.ok()) return status;
  const std::vector<CatalogueEntry> entries = catalogue_.entries();
  const CatalogueEntry* const entry = FindByName(entries, log::kDefaultLog);
  if (entry == nullptr)
    return {StatusCode::kDamaged, folder_->CatalogueFolder() + " does not name the log 'default'"};
  const std::string folder = folder_->LogFolder(entry->id);
  if (Status status = default_log_.Open(folder, entry->created, entry->retention); !status.ok())
    return status;
  const RecoveryReport report = default_log_.recovery();
  logging::Info("the log is open",
                {{"log", entry->id.ToString()},
                 {"segments", report.segments},
                 {"scanned_bytes", report.scanned_bytes},
                 {"cut_bytes", report.cut_bytes},
                 {"rewritten_bytes", report.rewritten_bytes},
                 {"duration_ms",
                  std::chrono::duration_cast<std::chrono::milliseconds>(report.duration).count()}});
  return {};
}

}  // namespace daybook::disk
