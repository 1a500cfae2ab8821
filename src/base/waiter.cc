#include "base/waiter.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace daybook {

Waiter::Outcome Waiter::Await(int fd, short events, Deadline deadline) const {
  using std::chrono::milliseconds;
  constexpr milliseconds kLongest{60'000};
  std::vector<pollfd> all = watched_;
  all.push_back({fd, events, 0});
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    const auto left = std::chrono::ceil<milliseconds>(std::max(deadline, now) - now);
    const int ready =
        ::poll(all.data(), all.size(), static_cast<int>(std::min(left, kLongest).count()));
    if (ready < 0 && errno != EINTR) return Outcome::kInterrupted;
    if (ready > 0) {
      const bool interrupted = std::any_of(all.begin(), all.end() - 1,
                                           [](const pollfd& each) { return each.revents != 0; });
      return interrupted ? Outcome::kInterrupted : Outcome::kReady;
    }
    if (ready == 0 && left <= kLongest) return Outcome::kDeadline;
  }
}

Waiter::Outcome Waiter::Sleep(std::chrono::milliseconds duration) const {
  return Await(-1, 0, std::chrono::steady_clock::now() + duration);
}

bool Waiter::interrupted() const { return Await(-1, 0, Deadline::min()) == Outcome::kInterrupted; }

}  // namespace daybook
