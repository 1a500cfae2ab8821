// The engine `disk`: the logs in a data folder, of which there is one so far, `default`.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "disk/catalogue.h"
#include "disk/data_folder.h"
#include "disk/disk_log.h"
#include "disk/housekeeper.h"
#include "disk/scrubber.h"
#include "log/log.h"

namespace daybook::disk {

class DiskLogStore : public log::LogStore, private LogHost {
 public:
  // Locks the folder and returns; recovery goes on in a thread of the store's, and until it has
  // come to its end everything is answered kUnavailable. kUnavailable: another process has the
  // folder. kIo: it cannot be made or opened. `on_failure` is called, on any thread, when the log
  // can be served no longer, or not at all; the process is to end then.
  static Result<std::unique_ptr<DiskLogStore>> Open(FileSystem& files, const Clock& clock,
                                                    const std::string& folder,
                                                    const DiskLogOptions& options,
                                                    std::function<void(const Status&)> on_failure);
  // Finishes what was appended.
  ~DiskLogStore() override;

  // Returns when the log serves or has failed.
  void AwaitRecovery();
  // Returns when what retention does not keep now is gone.
  void AwaitHousekeeping();
  // Verifies what is on the disk once.
  void Scrub() { scrubber_.Pass(); }

  const char* engine() const override { return "disk"; }
  log::Durability durability() const override { return log::Durability::kFsync; }
  log::Log* Find(std::string_view name) override {
    return name == log::kDefaultLog ? &default_log_ : nullptr;
  }
  std::vector<log::Check> Checks() const override { return {default_log_.Check()}; }
  log::Activity activity() const override { return default_log_.activity(); }
  std::optional<log::CommitStats> commit_stats() const override;
  void Close() override;

 private:
  DiskLogStore(FileSystem& files, const Clock& clock, std::unique_ptr<DataFolder> folder,
               const DiskLogOptions& options, std::function<void(const Status&)> on_failure);

  Status Recover();
  void Keep();
  void OnFailure(const Status& status) override;
  bool Post(UniqueFunction<void()>& task) override { return housekeeper_.Post(task); }
  Status SaveRetention(const log::LogId& id, const log::Retention& retention) override;
  Status RemoveFiles(const std::vector<std::string>& paths) override;

  FileSystem& files_;
  const Clock& clock_;
  const std::unique_ptr<DataFolder> folder_;
  const std::function<void(const Status&)> on_failure_;
  std::atomic<bool> failed_{false};
  Catalogue catalogue_;
  DiskLog default_log_;
  Housekeeper housekeeper_;
  Scrubber scrubber_;
  std::thread recovery_;
};

}  // namespace daybook::disk
