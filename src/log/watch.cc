#include "log/watch.h"

#include <utility>

#include "log/log.h"

namespace daybook::log {

void WatchList::Tell() {
  const MutexLock lock(mutex_);
  for (Watch* const watch : watches_) watch->on_moved_();
}

bool WatchList::empty() const {
  const MutexLock lock(mutex_);
  return watches_.empty();
}

WatchList::Place WatchList::Add(Watch& watch) {
  bool first = false;
  Place place;
  {
    const MutexLock lock(mutex_);
    first = watches_.empty();
    place = watches_.insert(watches_.end(), &watch);
  }
  if (first && on_first_) on_first_();
  return place;
}

void WatchList::Remove(Place place) {
  const MutexLock lock(mutex_);
  watches_.erase(place);
}

Watch::Watch(std::shared_ptr<Log> log, UniqueFunction<void()> on_moved)
    : log_(std::move(log)), on_moved_(std::move(on_moved)), place_(log_->watches().Add(*this)) {}

Watch::~Watch() { log_->watches().Remove(place_); }

}  // namespace daybook::log
