#include "jetstream/contention.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace daybook::jetstream {
namespace {

constexpr std::chrono::milliseconds kWaitMax{50};

}  // namespace

void WaitForOthers(int tries) {
  std::this_thread::sleep_for(std::min(std::chrono::milliseconds(tries), kWaitMax));
}

Status Contended(const std::string& what) {
  return {StatusCode::kUnavailable, what + " is changed by too many at once"};
}

}  // namespace daybook::jetstream
