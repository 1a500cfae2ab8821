#include "http/connection_places.h"

namespace daybook::http {

Error TooManyConnections() {
  return {Code::Service_Unavailable, "too-many-connections",
          "as many connections as are allowed are open"};
}

Place ConnectionPlaces::Take() {
  // In this order, and the other when one is given back, it is never too little that is taken.
  const std::size_t taken = taken_;
  const std::size_t spare_taken = spare_taken_;
  Place place = Place::kOrdinary;
  if (taken - spare_taken >= ordinary_max_) {
    if (spare_taken >= spare_max_) return Place::kNone;
    place = Place::kSpare;
    ++spare_taken_;
  }
  ++taken_;
  return place;
}

void ConnectionPlaces::GiveBack(Place place) {
  if (place == Place::kSpare) --spare_taken_;
  if (--taken_ > 0) return;
  const MutexLock lock(mutex_);
  none_.NotifyAll();
}

bool ConnectionPlaces::WaitForNone(SteadyTime deadline) {
  const MutexLock lock(mutex_);
  while (taken() > 0) {
    if (!none_.WaitUntil(mutex_, deadline)) return taken() == 0;
  }
  return true;
}

}  // namespace daybook::http
