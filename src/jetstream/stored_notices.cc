#include "jetstream/stored_notices.h"

#include <algorithm>

namespace daybook::jetstream {

void StoredNotices::Note(std::uint64_t sequence, const Stored& stored) {
  std::vector<Done> awaiting;
  {
    const MutexLock lock(mutex_);
    awaiting = TakeLocked(sequence);
    // What another leader told before has no meaning any more.
    while (!notices_.empty() && notices_.back().first >= sequence) notices_.pop_back();
    notices_.emplace_back(sequence, stored);
    if (notices_.size() > kNoticesMax) notices_.pop_front();
  }
  for (Done& done : awaiting) done(stored);
}

bool StoredNotices::Await(std::uint64_t sequence, Done done) {
  Stored stored;
  {
    const MutexLock lock(mutex_);
    const auto known = std::lower_bound(
        notices_.begin(), notices_.end(), sequence,
        [](const auto& noted, std::uint64_t wanted) { return noted.first < wanted; });
    if (known == notices_.end() || known->first != sequence) {
      awaited_.emplace(sequence, std::move(done));
      return false;
    }
    stored = known->second;
  }
  done(stored);
  return true;
}

std::vector<StoredNotices::Done> StoredNotices::Take(std::uint64_t sequence) {
  const MutexLock lock(mutex_);
  return TakeLocked(sequence);
}

std::vector<StoredNotices::Done> StoredNotices::TakeLocked(std::uint64_t sequence) {
  std::vector<Done> taken;
  const auto [first, last] = awaited_.equal_range(sequence);
  for (auto each = first; each != last; ++each) taken.push_back(std::move(each->second));
  awaited_.erase(first, last);
  return taken;
}

}  // namespace daybook::jetstream
