// What the dialects admit, and give at once. Every field is an option of `daybook serve`.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "log/log.h"

namespace daybook::api {

// Above: 413.
struct RecordLimits {
  std::size_t value_bytes_max = 1 << 20;
  std::size_t key_bytes_max = 1 << 10;
  std::size_t headers_max = 32;
  std::size_t header_bytes_max = 8 << 10;  // of all names and values together
};

struct ApiLimits {
  RecordLimits record;
  std::size_t batch_records_max = 10'000;  // above: 413
  // A reader who asks for more gets that much.
  std::uint64_t page_records_max = 10'000;
  std::uint64_t page_bytes_max = 16 << 20;
  std::chrono::milliseconds wait_max{30'000};
  // To be told; it is http/ that holds requests to them.
  std::uint64_t body_bytes_max = 16 << 20;
  std::uint64_t request_header_bytes_max = 32 << 10;
  // To be told; it is the engine that keeps to them.
  std::uint64_t logs_max = 20'000;
  std::uint64_t cursors_max = 1'000;  // of one log
  // An append to a log that is not there makes it.
  bool auto_create = false;

  // With what the engine admits.
  ApiLimits Within(const log::AppendLimits& engine) const {
    ApiLimits limits = *this;
    limits.batch_records_max = std::min<std::uint64_t>(batch_records_max, engine.records_max);
    limits.record.value_bytes_max =
        std::min<std::uint64_t>(record.value_bytes_max, engine.value_bytes_max);
    return limits;
  }
};

}  // namespace daybook::api
