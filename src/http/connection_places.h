// ConnectionPlaces are what the connections of one server take: so many for whatever they bring,
// and a few more, the spare ones, for probes and scrapers when those are all taken.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/mutex.h"
#include "http/limits.h"
#include "http/response.h"
#include "http/timers.h"

namespace daybook::http {

Error TooManyConnections();

enum class Place : std::uint8_t { kOrdinary, kSpare, kNone };

class ConnectionPlaces {
 public:
  explicit ConnectionPlaces(const Limits& limits)
      : ordinary_max_(limits.connections_max), spare_max_(limits.connections_spare) {}

  // One thread takes; each place but kNone is to be given back.
  Place Take();
  void GiveBack(Place place);

  // How many are taken.
  std::size_t taken() const { return taken_; }
  // Returns false when some still are at `deadline`.
  bool WaitForNone(SteadyTime deadline);

 private:
  const std::size_t ordinary_max_;
  const std::size_t spare_max_;
  std::atomic<std::size_t> taken_{0};  // the spare ones as well
  std::atomic<std::size_t> spare_taken_{0};
  Mutex mutex_;
  CondVar none_;
};

}  // namespace daybook::http
