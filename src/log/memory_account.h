// MemoryAccount is what the logs of one store have in common: the bytes that they may take
// together, whether they are closed, what was done to them, and the revisions of their cursors.
// Thread-safe, without a lock, so that a log may use it under its own.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/types.h"
#include "log/log.h"

namespace daybook::log {

class MemoryAccount {
 public:
  // Revisions begin with the time, so that none from before a restart comes back.
  MemoryAccount(std::uint64_t bytes_max, Timestamp now)
      : bytes_max_(bytes_max), revision_(static_cast<std::uint64_t>(now.milliseconds) * 1000) {}

  // Takes so many bytes. kNoSpace: there is no room for them; `what` would have them.
  Status Reserve(std::uint64_t bytes, const char* what);
  void Release(std::uint64_t bytes) { held_bytes_ -= bytes; }
  // True when the last Reserve() found no room.
  bool full() const { return full_; }

  // From then on no log takes an append.
  void Close() { closed_ = true; }
  bool closed() const { return closed_; }

  // Larger than all before.
  std::uint64_t NextRevision() { return ++revision_; }

  void CountAppend(std::uint64_t records, std::uint64_t bytes);
  void CountRead(std::uint64_t records, std::uint64_t bytes);
  Activity activity() const;

 private:
  const std::uint64_t bytes_max_;
  std::atomic<std::uint64_t> held_bytes_{0};
  std::atomic<bool> full_{false};
  std::atomic<bool> closed_{false};
  std::atomic<std::uint64_t> revision_;
  std::atomic<std::uint64_t> appended_records_{0};
  std::atomic<std::uint64_t> appended_bytes_{0};
  std::atomic<std::uint64_t> read_records_{0};
  std::atomic<std::uint64_t> read_bytes_{0};
};

}  // namespace daybook::log
