// StoredNotices knows of the newest messages of a stream what its leader told when it stored them:
// their time, which an append's answer has and an acknowledgement does not, and whether a batch
// ends there. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "base/types.h"
#include "base/unique_function.h"

namespace daybook::jetstream {

struct Stored {
  Timestamp time;
  // Which message of its batch it is, counted from 1; 0: the last one, or it is of none.
  std::uint64_t inside_batch = 0;
};

class StoredNotices {
 public:
  using Done = UniqueFunction<void(Result<Stored>)>;

  // Sequences go up, save where the stream has another leader.
  void Note(std::uint64_t sequence, const Stored& stored);
  // `done` gets what is known of the message, in this call or in one of Note(). True: in this one.
  bool Await(std::uint64_t sequence, Done done);
  // Takes back what Await() was given for it and has not called.
  std::vector<Done> Take(std::uint64_t sequence);

 private:
  static constexpr std::size_t kNoticesMax = 1024;

  std::vector<Done> TakeLocked(std::uint64_t sequence) EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  std::deque<std::pair<std::uint64_t, Stored>> notices_ GUARDED_BY(mutex_);
  std::multimap<std::uint64_t, Done> awaited_ GUARDED_BY(mutex_);
};

}  // namespace daybook::jetstream
