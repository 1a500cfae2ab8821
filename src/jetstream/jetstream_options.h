// What the engine `jetstream` is opened with.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "jetstream/connection.h"
#include "log/log.h"

namespace daybook::jetstream {

// The body of what a server answers to a GET of that path, as "/jsz".
using FetchPage =
    std::function<Result<std::string>(const std::string& url, const std::string& path)>;

struct JetStreamOptions {
  ConnectionOptions connection;
  std::vector<std::string> monitor_urls;  // of every server of NATS
  FetchPage fetch_page;
  std::string prefix = "daybook";
  std::uint64_t replicas = 3;
  bool allow_weaker_durability = false;
  // For one try to append; what is only asked for gets kAskTimeout.
  std::chrono::milliseconds timeout{5'000};
  std::chrono::milliseconds idempotency_window{600'000};
  log::StoreLimits limits;
};

// What is asked for is unavailable where it takes longer.
inline constexpr std::chrono::milliseconds kAskTimeout{2'000};
// NATS remembers message ids for no longer, so that what it holds of them stays bounded.
inline constexpr std::chrono::milliseconds kIdempotencyWindowMax{600'000};
// Of one batch: what an atomic publish takes.
inline constexpr std::uint64_t kBatchRecordsMax = 1'000;

}  // namespace daybook::jetstream
