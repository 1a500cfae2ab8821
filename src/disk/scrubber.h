// Scrubber reads what was ended long ago, a pass a day at a bounded rate, so that damage is found
// while there is a backup to restore from rather than when the record is asked for.
//
// It only tells: readers of a damaged place are answered kDamaged in any case.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "disk/segment.h"

namespace daybook::disk {

class Scrubber {
 public:
  static constexpr std::chrono::minutes kFirstAfter{1};
  static constexpr std::chrono::hours kInterval{24};  // from the beginning of a pass to the next

  struct Stats {
    std::uint64_t bytes = 0;    // that were verified
    std::uint64_t passes = 0;   // that came to their end
    std::uint64_t damages = 0;  // places, of the pass under way or the last, whichever has more
  };

  // `segments` gives those to be read; it is called from the scrubber's thread until Stop() has
  // returned. `bytes_per_second` 0: there is no thread.
  Scrubber(std::function<std::vector<LogSegment>()> segments, std::uint64_t bytes_per_second);
  ~Scrubber() { Stop(); }
  Scrubber(const Scrubber&) = delete;
  Scrubber& operator=(const Scrubber&) = delete;

  // From one thread.
  void Stop();

  // Reads everything once, unless it is stopped.
  void Pass();

  Stats stats() const;

 private:
  void Run();
  bool Read(const LogSegment& segment, std::uint64_t& damages);
  void Tell(const LogSegment& segment, std::uint64_t position, const std::string& what,
            std::uint64_t& damages);
  // False: it was stopped.
  bool WaitUntil(std::chrono::steady_clock::time_point time);

  const std::function<std::vector<LogSegment>()> segments_;
  const std::uint64_t bytes_per_second_;
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> passes_{0};
  std::atomic<std::uint64_t> damages_{0};
  Mutex mutex_;
  CondVar stopped_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace daybook::disk
