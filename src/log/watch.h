// Watch has a function called each time that a log moved: next_offset grew, or the log was deleted.
//
// What was called before it was made is not told again: whoever waits for something makes a Watch
// first and looks then. Calls may come when nothing has moved. The function is called on any thread
// and by one at a time; it must be brief, and neither make nor destroy a Watch of the log. It runs
// no more once the Watch is destroyed.
#pragma once

#include <list>
#include <memory>

#include "base/mutex.h"
#include "base/unique_function.h"

namespace daybook::log {

class Log;
class Watch;

// Those of one log, of which an engine is the owner.
class WatchList {
 public:
  // `on_first` is called when there is a watch again after there was none.
  explicit WatchList(UniqueFunction<void()> on_first = {}) : on_first_(std::move(on_first)) {}

  // When what moved can be read. Under no lock that is taken while a Watch is made or told.
  void Tell();
  bool empty() const;

 private:
  friend class Watch;
  using Place = std::list<Watch*>::iterator;

  Place Add(Watch& watch);
  void Remove(Place place);

  UniqueFunction<void()> on_first_;
  mutable Mutex mutex_;
  std::list<Watch*> watches_ GUARDED_BY(mutex_);
};

class Watch {
 public:
  Watch(std::shared_ptr<Log> log, UniqueFunction<void()> on_moved);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  friend class WatchList;

  const std::shared_ptr<Log> log_;
  UniqueFunction<void()> on_moved_;
  WatchList::Place place_;
};

}  // namespace daybook::log
