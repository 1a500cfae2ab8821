#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "disk/committer.h"
#include "log/idempotency.h"
#include "log/log.h"
#include "log/record.h"

namespace daybook::disk {

struct DiskLogOptions {
  std::uint64_t segment_bytes_max = 128 << 20;  // a segment is larger only for a frame that is
  std::uint64_t journal_bytes = 32 << 20;       // of each of its files, of which there are two
  std::uint64_t reserve_bytes = 0;              // of the disk that stay free
  // At a start and a stop so many segments are made durable by a sync of their file system; fewer,
  // one by one, since others may write there, too.
  std::size_t whole_sync_from = 64;
  std::uint64_t scrub_bytes_per_second = 0;  // 0: what is on the disk is not verified
  std::chrono::milliseconds idle_time{200};  // without appends, after which a log has a mark
  log::IdempotencyLimits idempotency;
  log::StoreLimits limits;
  Committer::Limits queue;
  std::chrono::milliseconds hangs_after{5'000};  // when a group under way makes Check() degraded
  // What a segment begins with, so that those before it can go; none: they stay. Called under the
  // committer.
  std::function<log::Batch()> snapshot;
};

}  // namespace daybook::disk
