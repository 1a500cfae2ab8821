// What the commits of a store's logs add up to. Written by one thread at a time, under the
// committer; any may read.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/counters.h"
#include "log/log.h"

namespace daybook::disk {

struct CommitCounters {
  std::array<Counter, log::CommitStats::kGroupBounds.size() + 1> groups;
  Counter grouped_appends;
  DurationHistogram<Counter> syncs;
  DurationHistogram<Counter> appends;
  Counter appended_records;
  Counter appended_bytes;

  void AddGroup(std::uint64_t group_appends) {
    constexpr auto& kBounds = log::CommitStats::kGroupBounds;
    const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), group_appends);
    groups[static_cast<std::size_t>(bucket - kBounds.begin())].Add();
    grouped_appends.Add(group_appends);
  }

  void Report(log::CommitStats& stats) const {
    for (std::size_t i = 0; i < groups.size(); ++i) AddTo(stats.groups[i], groups[i]);
    AddTo(stats.grouped_appends, grouped_appends);
    AddTo(stats.syncs, syncs);
    AddTo(stats.appends, appends);
  }
  void Report(log::Activity& activity) const {
    AddTo(activity.appended_records, appended_records);
    AddTo(activity.appended_bytes, appended_bytes);
  }
};

}  // namespace daybook::disk
