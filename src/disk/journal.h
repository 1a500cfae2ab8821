// Journal makes groups of frames that belong to several segments durable with one sync.
//
// The frames stand in the segments, too, unsynced. When a file of the journal is full, or the store
// is idle, a thread of the journal's replays it (disk/journal_replay.h), which makes them durable
// there, and then the file is used again. There is no file before the first group that needs one.
// Everything is called under the committer, one call at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "disk/disk_log_options.h"
#include "disk/failure_latch.h"
#include "disk/journal_file.h"
#include "log/log_id.h"

namespace daybook::disk {

class Journal {
 public:
  // So many bytes on the average of a part, and above that each segment is rather synced alone than
  // written twice.
  static constexpr std::uint64_t kPartBytesMax = 32 << 10;

  // So many segments are rather synced than a replay is waited for.
  static constexpr std::uint32_t kPartsWithoutWait = 8;

  // What is passed by reference outlives the journal.
  Journal(FileSystem& files, const Clock& clock, FailureLatch& failure, std::string data_folder,
          const DiskLogOptions& options);
  ~Journal() { Stop(); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // After the journals that a start found were replayed, and before all else.
  void Open(const log::LogId& catalogue) { catalogue_ = catalogue; }

  // Whether the group is to be appended. False: its segments are to be synced, for there is no file
  // now, or it does not pay. Waits for a file that is being replayed.
  bool Takes(const JournalGroup::Size& group);
  // A group that it takes: durable when it returned OK.
  Status Append(JournalGroup group);
  // Nothing has come for a while: what is in the journal is made durable where it belongs.
  void OnIdle();
  // The same, and returns when that is done and there is no journal. The last call.
  void Close();

 private:
  void Run();
  void Replay() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Make() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::unique_ptr<JournalFile> MakeFile(Offset number);
  void Stop();
  void Retire() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Want() EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  FileSystem& files_;
  const Clock& clock_;
  FailureLatch& failure_;
  const std::string data_folder_;
  const DiskLogOptions& options_;
  log::LogId catalogue_;
  std::unique_ptr<JournalFile> current_;  // that is appended to; under the committer

  Mutex mutex_;
  CondVar changed_;
  std::deque<std::unique_ptr<JournalFile>> retired_ GUARDED_BY(mutex_);  // the oldest first
  bool replaying_ GUARDED_BY(mutex_) = false;                            // one that was
  std::unique_ptr<JournalFile> spare_ GUARDED_BY(mutex_);                // an empty one
  bool wanted_ GUARDED_BY(mutex_) = false;                               // a spare one
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::uint64_t next_number_ GUARDED_BY(mutex_) = 0;
  std::thread thread_;  // from when a file is wanted first
};

}  // namespace daybook::disk
