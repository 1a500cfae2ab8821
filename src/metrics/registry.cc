#include "metrics/registry.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace daybook::metrics {

void Registry::Add(const prometheus::Collectable& collectable) {
  const MutexLock lock(mutex_);
  collectables_.push_back(&collectable);
}

void Registry::Remove(const prometheus::Collectable& collectable) {
  const MutexLock lock(mutex_);
  collectables_.erase(std::remove(collectables_.begin(), collectables_.end(), &collectable),
                      collectables_.end());
}

std::string Registry::Text() const {
  std::vector<prometheus::MetricFamily> families;
  {
    const MutexLock lock(mutex_);
    for (const prometheus::Collectable* collectable : collectables_) {
      std::vector<prometheus::MetricFamily> collected = collectable->Collect();
      std::move(collected.begin(), collected.end(), std::back_inserter(families));
    }
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace daybook::metrics
