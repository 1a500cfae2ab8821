// SimulatedFileSystem: files in memory that lose power, run out of space and fail as Linux's do.
//
// It knows what of each file and of each folder's names is in the page cache, which is what calls
// see, and what is on the disk. Writes, truncations and reservations go to the cache; File::Sync()
// carries one file's bytes and size to the disk, but no name; SyncFolder() carries the names that
// one folder gives, but nothing of the files. A rename between two folders goes to the disk with
// either of them.
//
// Every call that changes or syncs something is an operation, numbered from 0: WriteAt, Reserve,
// Sync and Truncate of a File, MakeFolder, SyncFolder, Rename, Remove, Link, the Sync of a
// WholeSync, and an Open that makes a file; also where it fails or finds nothing to do. Reads,
// opens of what exists, and locks are none.
//
// Paths begin at the root, `/`, which is there and durable. Calls may be made from any thread; one
// mutex is held in each. It must outlive its Files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/mutex.h"
#include "support/simulated_state.h"

namespace daybook::test {

// What a machine finds that comes back after a power loss. "Unsynced" is what happened to a file
// since the last Sync() of it, or to a name since the last SyncFolder() of its folder. What a
// failed sync lost (see Failure) is gone in each model.
enum class LossModel {
  // What was synced, and nothing else.
  kNothingKept,
  // Everything: the system had written all that the process gave it.
  kEverythingKept,
  // - Of each unsynced write each 512-byte sector survives or not, by itself; of several writes to
  //   a sector, the last that survived is there. So writes arrive torn and in any order.
  // - The size is one that the file had since its last sync, that one included; truncations before
  //   it took effect. It cuts what survived behind it, or leaves a hole of zeros.
  // - In one of four files, half of the sectors behind the synced size that were written or
  //   reserved since, but did not survive, show what the disk held there before: bytes of a file
  //   that was removed or truncated, or of any where there was none.
  // - Each unsynced creation, link, removal or rename of a name survives or not, by itself, but
  //   none takes away a name's earlier file where the change that had freed the name did not
  //   survive. A rename survives as a whole: its file is under the old name or the new one.
  kRandomSectors,
  // The unsynced operations, of all files and folders together, took effect in their order up to a
  // random one and none after it; of that one, where it is a write, a random number of sectors from
  // its beginning on.
  kOrderedPrefix,
};

// What happens to an operation that fails. A Sync() that fails loses what was written since the
// last one: it stays readable, but counts as clean, so that no later Sync(), which returns OK,
// carries it to the disk. It is gone after a power loss, and after EvictCleanPages(). (The size
// goes to the disk with the next Sync(), zeros or older bytes in the place of what was lost.) The
// failure is also told once by Sync() to each other File that had the file open at that time. A
// SyncFolder() that fails loses the changes of names in the same way. A WholeSync that fails loses
// what was written to any file, as the Sync() of each; it also tells what the Sync() of a File did,
// since it was begun.
enum class Failure {
  kIoError,     // kIo; nothing is done
  kNoSpace,     // kNoSpace; nothing is done
  kQuota,       // kNoSpace, by another message; nothing is done
  kShortWrite,  // kIo; half of it is done: of a write's or reservation's bytes, a sync's sectors
};

class SimulatedFileSystem : public FileSystem {
 public:
  SimulatedFileSystem() = default;
  ~SimulatedFileSystem() override;

  Result<std::unique_ptr<File>> Open(const std::string& path, Mode mode) override;
  Status MakeFolder(const std::string& path) override;
  Status SyncFolder(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status Link(const std::string& from, const std::string& to) override;
  Result<std::unique_ptr<WholeSync>> BeginWholeSync(const std::string& path) override;
  Result<std::uint64_t> FreeBytes(const std::string& path) override;

  std::uint64_t operations() const;
  // Such as "Sync /data/x.log", of an operation that was.
  std::string OperationName(std::uint64_t operation) const;

  // That operation, and every call after it, reads too, fails with kIo, "the power is cut". Of that
  // operation a loss model may keep all, a part or nothing, as of any unsynced one.
  void CutPowerAt(std::uint64_t operation);
  // That operation fails, and no other.
  void FailOperation(std::uint64_t operation, Failure failure);
  // Writes and reservations for which the pages of all files together, of 4096 bytes each, would be
  // more fail with kNoSpace, after they have taken what there was.
  void SetCapacity(std::uint64_t bytes);
  // Whether the Sync() of a File waits, as that of a disk that hangs.
  void HoldSyncs(bool held);
  // Whether Reserve() returns false.
  void NoReserve(bool no_reserve);
  // Whether BeginWholeSync() returns null.
  void NoWholeSync(bool no_whole_sync);
  // What is in that folder no WholeSync covers.
  void SetElsewhere(const std::string& folder);
  // Reads again from the disk all that need not be written to it: see Failure.
  void EvictCleanPages();

  // The machine after a power loss: no File is open, no lock held, the cache is as the disk, the
  // capacity, NoReserve() and NoWholeSync() as they were; operations are numbered anew. The same
  // model and seed give the same disk.
  std::unique_ptr<SimulatedFileSystem> AfterPowerLoss(LossModel model, std::uint64_t seed) const;
  // A copy, cache and disk, likewise without Files, locks, cuts and failures: what a process finds
  // that is started after this one was killed. Costs little, for bytes are shared until written.
  std::unique_ptr<SimulatedFileSystem> Clone() const;

  // The paths of all files, sorted.
  std::vector<std::string> Files() const;
  // What reads see of a file, which must be there.
  std::string Contents(const std::string& path) const;
  // Alters a file below what runs: cache and disk both have all that the cache had, and this. No
  // operation. A missing file is made, with a durable name, in a folder that is there.
  void SetContents(const std::string& path, std::string_view bytes);
  // `bit` counts from the lowest of the first byte.
  void FlipBit(const std::string& path, std::uint64_t bit);

 private:
  friend class SimulatedFile;
  friend class SimulatedWholeSync;

  // How an operation is to be answered.
  struct Step {
    bool refused = false;  // nothing is done, kIo
    bool cut = false;      // it is done, but not synced, and answered with kIo
    std::optional<Failure> failure;

    // Its errno where it fails; kShortWrite's too.
    int error() const;
    bool half() const { return failure == Failure::kShortWrite; }
  };

  explicit SimulatedFileSystem(SimulatedState state);

  Step Begin(std::string operation) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  enum class Lock : std::uint8_t { kNone, kShared, kExclusive };
  struct OpenFile {
    NodeId node;
    Lock lock = Lock::kNone;
    int untold_error = 0;  // of a Sync() that failed in another File
  };

  // Calls `change` with the state, where the operation is not to fail before it, for an errno or 0.
  template <typename Change>
  Status ChangeNames(const std::string& operation, const std::string& what, Change change)
      EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  NodeId FileAt(const std::string& path) const EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PutContent(NodeId file, Content content) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What was written to the file is lost, of which whoever syncs it is told.
  void FailSync(NodeId file, const Step& step) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // That folder, and what has names in it.
  std::set<NodeId> Elsewhere() const EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  SimulatedState state_ GUARDED_BY(mutex_);
  std::map<const class SimulatedFile*, OpenFile> open_files_ GUARDED_BY(mutex_);
  std::map<const class SimulatedWholeSync*, int> whole_syncs_ GUARDED_BY(mutex_);  // untold errors
  std::vector<std::string> operations_ GUARDED_BY(mutex_);
  std::map<std::uint64_t, Failure> failures_ GUARDED_BY(mutex_);
  std::optional<std::uint64_t> cut_at_ GUARDED_BY(mutex_);
  bool power_is_cut_ GUARDED_BY(mutex_) = false;
  bool syncs_held_ GUARDED_BY(mutex_) = false;
  std::string elsewhere_ GUARDED_BY(mutex_);
  CondVar syncs_let_go_;
};

}  // namespace daybook::test
