#include "disk/disk_store.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/logging.h"
#include "log/refusals.h"

namespace daybook::disk {
namespace {

constexpr std::size_t kReadersMax = 1'024;  // segments that are open for reading

}  // namespace

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
      options_(options),
      failure_(std::move(on_failure)),
      space_(files, folder_->path(), options.reserve_bytes),
      readers_(files, kReadersMax),
      journal_(files, clock, failure_, folder_->path(), options_),
      group_commit_(clock, failure_, space_, journal_, counters_, options.idle_time),
      committer_(group_commit_, options.queue),
      catalogue_(*this, Shared(), options_),
      housekeeper_([this] { Keep(); }),
      scrubber_([this] { return SealedSegments(); }, options.scrub_bytes_per_second),
      recovery_thread_([this] {
        if (const Status status = Recover(); !status.ok()) failure_.Set(status);
      }) {}

DiskLogStore::~DiskLogStore() { DiskLogStore::Close(); }

// --- start and end

Status DiskLogStore::Recover() {
  const auto began = std::chrono::steady_clock::now();
  if (Status status = folder_->Prepare(clock_); !status.ok()) return status;
  const Result<ReplayReport> replayed = Replay();
  if (!replayed.ok()) return replayed.status();
  if (Status status = catalogue_.Open(folder_->CatalogueFolder(), HowToRecover()); !status.ok())
    return status;
  journal_.Open(catalogue_.id());
  if (Status status = OpenLogs(); !status.ok()) return status;
  const MutexLock lock(mutex_);
  recovery_.duration = std::chrono::steady_clock::now() - began;
  state_ = State::kServing;
  TellOfRecovery(*replayed);
  return {};
}

// A backup that began now would have what is in the segments only.
Result<ReplayReport> DiskLogStore::Replay() {
  const Result<std::unique_ptr<File>> held = folder_->KeepBackupsOff();
  if (!held.ok() && held.status().code() != StatusCode::kUnavailable) return held.status();
  return ReplayJournals(files_, folder_->path(), options_.whole_sync_from);
}

Status DiskLogStore::OpenLogs() {
  const std::vector<CatalogueEntry> entries = catalogue_.entries();
  if (FindByName(entries, log::kDefaultLog) == nullptr)
    return {StatusCode::kDamaged, folder_->CatalogueFolder() + " does not name the log 'default'"};
  Result<std::vector<RecoveredLog>> recovered = RecoverLogs(entries);
  if (!recovered.ok()) return recovered.status();
  Logs logs;
  RecoveryReport report;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const CatalogueEntry& entry = entries[i];
    Result<std::shared_ptr<StoredLog>> stored = StoredLog::Serve(
        *this, Shared(), options_, folder_->LogFolder(entry.id), std::move((*recovered)[i]));
    if (!stored.ok()) return stored.status();
    report.Add((*stored)->recovery());
    if (!logs.emplace(entry.name, MakeLog(entry, std::move(*stored))).second)
      return {StatusCode::kDamaged,
              folder_->CatalogueFolder() + " names two logs '" + entry.name + "'"};
  }
  if (Status status = RemoveDeleted(); !status.ok()) return status;
  std::set<log::LogId> known;
  for (const CatalogueEntry& entry : entries) known.insert(entry.id);
  for (const log::LogId& id : catalogue_.deleted()) known.insert(id);  // that cannot go yet
  if (Status status = folder_->RemoveLeftovers(known); !status.ok()) return status;
  const MutexLock lock(mutex_);
  logs_ = std::move(logs);
  recovery_ = report;
  return {};
}

// All of them are durable then.
Result<std::vector<RecoveredLog>> DiskLogStore::RecoverLogs(
    const std::vector<CatalogueEntry>& entries) {
  RecoveryOptions how = HowToRecover();
  std::unique_ptr<WholeSync> whole;
  if (!how.is_clean && entries.size() >= options_.whole_sync_from) {
    Result<std::unique_ptr<WholeSync>> begun = files_.BeginWholeSync(folder_->lock_path());
    if (!begun.ok()) return begun.status();
    whole = std::move(*begun);
  }
  std::vector<RecoveredLog> logs;
  for (const CatalogueEntry& entry : entries) {
    const std::string folder = folder_->LogFolder(entry.id);
    how.is_synced_later = whole != nullptr && whole->Covers(folder);
    Result<RecoveredLog> log = RecoverLog(files_, folder, how);
    if (!log.ok()) return log.status();
    logs.push_back(std::move(*log));
  }
  if (whole != nullptr) {
    if (Status status = whole->Sync(); !status.ok()) return status;
  }
  return logs;
}

std::shared_ptr<DiskLog> DiskLogStore::MakeLog(const CatalogueEntry& entry,
                                               std::shared_ptr<StoredLog> stored) {
  const DiskLog::Parts parts{*this, options_, catalogue_, reads_};
  return std::make_shared<DiskLog>(parts, entry, std::move(stored));
}

void DiskLogStore::TellOfRecovery(const ReplayReport& replayed) const {
  logging::Info(
      "the logs are open",
      {{"logs", logs_.size()},
       {"segments", recovery_.segments},
       {"scanned_bytes", recovery_.scanned_bytes},
       {"cut_bytes", recovery_.cut_bytes},
       {"rewritten_bytes", recovery_.rewritten_bytes},
       {"replayed_bytes", replayed.frames_bytes},
       {"duration_ms",
        std::chrono::duration_cast<std::chrono::milliseconds>(recovery_.duration).count()}});
}

void DiskLogStore::AwaitRecovery() {
  if (recovery_thread_.joinable()) recovery_thread_.join();
}

void DiskLogStore::Close() {
  AwaitRecovery();
  bool served = false;
  {
    const MutexLock lock(mutex_);
    if (state_ == State::kClosed) return;
    served = state_ == State::kServing;
    state_ = State::kClosed;
  }
  scrubber_.Stop();
  committer_.Stop();
  housekeeper_.Stop();
  group_commit_.Close();
  for (const auto& log : logs()) log->stored().Close();
  catalogue_.Close();
  // Else the next start syncs what may not be.
  if (served && !failure_.failed()) (void)folder_->LeaveClean();
}

// --- the logs

Status DiskLogStore::Serving() const {
  if (Status status = failure_.Serving(); !status.ok()) return status;
  const MutexLock lock(mutex_);
  if (state_ == State::kServing) return {};
  if (state_ == State::kClosed) return log::Stopping();
  return {StatusCode::kUnavailable,
          "the log is being recovered: " +
              std::to_string(progress_.segments_done.load(std::memory_order_relaxed)) + " of " +
              std::to_string(progress_.segments.load(std::memory_order_relaxed)) + " segments, " +
              std::to_string(progress_.scanned_bytes.load(std::memory_order_relaxed)) +
              " bytes read"};
}

std::vector<std::shared_ptr<DiskLog>> DiskLogStore::logs() const {
  const MutexLock lock(mutex_);
  std::vector<std::shared_ptr<DiskLog>> logs;
  for (const auto& [name, log] : logs_) logs.push_back(log);
  return logs;
}

std::shared_ptr<DiskLog> DiskLogStore::FindLog(std::string_view name) const {
  const MutexLock lock(mutex_);
  const auto log = logs_.find(name);
  return log == logs_.end() ? nullptr : log->second;
}

// What there is can be read, whatever became of the store since; only when it is served is that
// all that there is, so one that was not there before is looked for again.
void DiskLogStore::Find(std::string_view name, log::FindDone done) {
  std::shared_ptr<DiskLog> log = FindLog(name);
  if (log == nullptr) {
    if (Status status = Serving(); !status.ok()) return done(std::move(status));
    log = FindLog(name);
  }
  if (log == nullptr) return done(log::NoSuchLog(name));
  done(std::shared_ptr<log::Log>(std::move(log)));
}

void DiskLogStore::List(std::string_view prefix, std::string_view after, std::size_t logs_max,
                        log::ListDone done) {
  if (Status status = Serving(); !status.ok()) return done(std::move(status));
  std::vector<std::shared_ptr<log::Log>> listed;
  {
    const MutexLock lock(mutex_);
    auto log = after < prefix ? logs_.lower_bound(prefix) : logs_.upper_bound(after);
    for (; log != logs_.end() && listed.size() < logs_max; ++log) {
      if (log->first.compare(0, prefix.size(), prefix) != 0) break;
      listed.push_back(log->second);
    }
  }
  done(std::move(listed));
}

void DiskLogStore::OnHousekeeper(UniqueFunction<void(const Status&)> task) {
  if (Status status = Serving(); !status.ok()) return task(status);
  UniqueFunction<void()> served = [this, task = std::move(task)]() mutable { task(Serving()); };
  if (!housekeeper_.Post(served)) served();  // which then finds the store stopped
}

void DiskLogStore::Create(std::string_view name, const log::Retention& retention,
                          log::CreateDone done) {
  OnHousekeeper([this, name = std::string(name), retention,
                 done = std::move(done)](const Status& serving) mutable {
    if (!serving.ok()) return done(serving);
    done(CreateNow(name, retention));
  });
}

// What stays free of the disk is for trims and the catalogue.
Status DiskLogStore::HasRoomForLog() const {
  constexpr std::uint64_t kLogBytes = 128 << 10;  // of its first segment, and what is beside it
  FreeSpace space(files_, folder_->path(), options_.reserve_bytes);
  space.Begin();
  return space.Take(kLogBytes);
}

bool DiskLogStore::HasAsManyLogsAsMayBe() const {
  const MutexLock lock(mutex_);
  return logs_.size() >= options_.limits.logs_max;
}

Result<log::Created> DiskLogStore::CreateNow(const std::string& name,
                                             const log::Retention& retention) {
  if (std::shared_ptr<DiskLog> log = FindLog(name)) return log::Created{std::move(log), false};
  if (HasAsManyLogsAsMayBe()) return log::TooManyLogs(options_.limits);
  if (Status status = HasRoomForLog(); !status.ok()) return status;
  const CatalogueEntry entry{log::LogId::Random(), name, clock_.Now(), retention};
  Status status = folder_->MakeLogFolder(entry.id.ToString(), entry.id, entry.created, {});
  if (status.ok()) {
    Result<std::shared_ptr<StoredLog>> stored =
        StoredLog::Open(*this, Shared(), options_, folder_->LogFolder(entry.id), HowToRecover());
    status = stored.ok() ? catalogue_.Create(entry) : stored.status();
    if (status.ok()) {
      const std::shared_ptr<DiskLog> log = MakeLog(entry, std::move(*stored));
      const MutexLock lock(mutex_);
      logs_.emplace(name, log);
      return log::Created{log, true};
    }
  }
  // If that fails, too, the next start does it.
  if (status.code() != StatusCode::kUnknownOutcome) (void)folder_->RemoveLogFolder(entry.id);
  return status;
}

void DiskLogStore::Delete(std::shared_ptr<log::Log> log, log::DeleteDone done) {
  OnHousekeeper(
      [this, log = std::move(log), done = std::move(done)](const Status& serving) mutable {
        if (!serving.ok()) return done(serving);
        done(DeleteNow(static_cast<DiskLog&>(*log)));
        RemoveDeletedOrFail();
      });
}

Status DiskLogStore::DeleteNow(DiskLog& log) {
  CHECK(log.name() != log::kDefaultLog, "the log 'default' is not to be deleted");
  if (log.deleted()) return log::LogDeleted(log.name());
  if (Status status = catalogue_.Delete(log.id()); !status.ok()) return status;
  {
    const MutexLock lock(mutex_);
    logs_.erase(log.name());
  }
  log.SetDeleted();
  return {};
}

// What cannot go now goes later; what nobody knows to be gone is a failure of the store.
Status DiskLogStore::RemoveDeleted() {
  for (const log::LogId& id : catalogue_.deleted()) {
    Status status = folder_->RemoveLogFolder(id);
    if (status.code() == StatusCode::kIo) return status;
    if (status.ok()) catalogue_.Forget(id);
  }
  return {};
}

void DiskLogStore::RemoveDeletedOrFail() {
  if (const Status status = RemoveDeleted(); !status.ok()) failure_.Set(status);
}

// --- what is kept

Status DiskLogStore::RemoveFiles(const std::vector<std::string>& paths) {
  return folder_->RemoveFiles(paths);
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
  if (!Serving().ok()) return;
  catalogue_.Keep();
  for (const auto& log : logs()) log->stored().Keep();
  RemoveDeletedOrFail();
}

std::vector<LogSegment> DiskLogStore::SealedSegments() const {
  std::vector<LogSegment> sealed;
  for (const auto& log : logs()) {
    std::vector<LogSegment> of_log = log->stored().SealedSegments();
    std::move(of_log.begin(), of_log.end(), std::back_inserter(sealed));
  }
  return sealed;
}

// --- what is told

std::vector<log::Check> DiskLogStore::Checks() const {
  if (const Status status = Serving(); !status.ok())
    return {{"disk", log::Check::State::kFailing, status.message()}};
  if (const auto running = committer_.running(); running >= options_.hangs_after) {
    return {{"disk", log::Check::State::kDegraded,
             "the disk has not come to the end of a write for " +
                 std::to_string(running / std::chrono::seconds(1)) +
                 " s: appends wait, reads go on"}};
  }
  if (space_.IsFull())
    return {
        {"disk", log::Check::State::kDegraded, "the disk is full: appends get 507, reads go on"}};
  return {{"disk", log::Check::State::kOk, ""}};
}

log::Activity DiskLogStore::activity() const {
  log::Activity activity;
  counters_.Report(activity);
  activity.read_records = reads_.records.load(std::memory_order_relaxed);
  activity.read_bytes = reads_.bytes.load(std::memory_order_relaxed);
  return activity;
}

std::optional<log::CommitStats> DiskLogStore::commit_stats() const {
  log::CommitStats stats;
  counters_.Report(stats);
  stats.queued_appends = committer_.depth();
  stats.running = committer_.running();
  for (const auto& log : logs()) {
    const SegmentSet::Extent extent = log->stored().extent();
    stats.segments += extent.segments;
    stats.segment_bytes += extent.bytes;
  }
  const Result<std::uint64_t> free_bytes = files_.FreeBytes(folder_->path());
  if (free_bytes.ok()) stats.free_bytes = *free_bytes;
  {
    const MutexLock lock(mutex_);
    stats.recovery_duration = recovery_.duration;
    stats.recovery_scanned_bytes = recovery_.scanned_bytes;
    stats.recovery_cut_bytes = recovery_.cut_bytes;
    stats.recovery_rewritten_bytes = recovery_.rewritten_bytes;
  }
  const Scrubber::Stats scrub = scrubber_.stats();
  stats.scrubbed_bytes = scrub.bytes;
  stats.scrub_passes = scrub.passes;
  stats.scrub_damages = scrub.damages;
  return stats;
}

}  // namespace daybook::disk
