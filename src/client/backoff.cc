#include "client/backoff.h"

#include <algorithm>

namespace daybook::client {

void Backoff::Reset() {
  began_.reset();
  pause_ = kFirst;
}

std::optional<Backoff::milliseconds> Backoff::Next(Time now, milliseconds asked_for) {
  if (!began_) began_ = now;
  std::uniform_int_distribution<milliseconds::rep> between(pause_.count() / 2, pause_.count());
  const milliseconds pause = std::max(milliseconds(between(chance_)), asked_for);
  pause_ = std::min(pause_ * 2, kLongest);
  const auto failed_for = std::chrono::duration_cast<milliseconds>(now - *began_);
  if (patience_ && failed_for + pause > *patience_) return std::nullopt;
  return pause;
}

}  // namespace daybook::client
