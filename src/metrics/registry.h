// Registry knows everything that is measured and writes it as Prometheus reads it. Thread-safe.
#pragma once

#include <prometheus/collectable.h>

#include <string>
#include <vector>

#include "base/mutex.h"

namespace daybook::metrics {

class Registry {
 public:
  // `collectable` must live until it is removed; Remove() returns when nobody looks at it any more.
  void Add(const prometheus::Collectable& collectable);
  void Remove(const prometheus::Collectable& collectable);

  // All metrics in Prometheus' text format 0.0.4.
  std::string Text() const;

 private:
  mutable Mutex mutex_;
  std::vector<const prometheus::Collectable*> collectables_ GUARDED_BY(mutex_);
};

// Adds while it lives.
class Registration {
 public:
  Registration(Registry& registry, const prometheus::Collectable& collectable)
      : registry_(registry), collectable_(collectable) {
    registry_.Add(collectable_);
  }
  ~Registration() { registry_.Remove(collectable_); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  Registry& registry_;
  const prometheus::Collectable& collectable_;
};

}  // namespace daybook::metrics
