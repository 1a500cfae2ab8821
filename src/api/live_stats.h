// What is counted of those who wait for records. All of it may be written and read by any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/counters.h"

namespace daybook::api {

// Why a follower got no more.
enum class FollowEnd : std::uint8_t {
  kClient,    // it went away
  kDraining,  // the server stops
  kDeleted,   // the log was
  kStalled,   // it read too little of what was sent
  kOverload,  // there was no memory for what it has not read
  kFailed,    // its records cannot be read
  kRevoked,   // its token was
};
inline constexpr std::array<std::string_view, 7> kFollowEndNames = {
    "client", "draining", "deleted", "stalled", "overload", "failed", "revoked"};

struct LiveStats {
  SharedCounter waits;      // now, of pages
  SharedCounter followers;  // now
  std::array<SharedCounter, kFollowEndNames.size()> ends;
  SharedCounter followed_records;  // that were given to followers
  // From when a record could be read, or a moment before, until it was given to a follower who
  // waited for it; of what was given at once it counts the first.
  DurationHistogram<SharedCounter> delays;

  void CountEnd(FollowEnd why) { ends[static_cast<std::size_t>(why)].Add(); }
};

}  // namespace daybook::api
