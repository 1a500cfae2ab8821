// How many CPUs this process may use.
#pragma once

#include <cstddef>
#include <string>

namespace daybook {

// The least of what the scheduler's affinity and the CPU quotas of the process's control group and
// those above it (cgroup v2's cpu.max, v1's cpu.cfs_quota_us) allow, rounded up; at least 1.
// `root` stands before /proc and /sys.
std::size_t UsableCpus(const std::string& root = "");

}  // namespace daybook
