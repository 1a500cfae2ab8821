#include "base/cpus.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>
#include <thread>

namespace daybook {
namespace {

constexpr double kNoQuota = std::numeric_limits<double>::infinity();

// The quota that a file of two numbers, quota and period in microseconds, tells; none for "max".
double QuotaIn(std::istream& numbers) {
  double quota_us = 0;
  double period_us = 0;
  if (!(numbers >> quota_us >> period_us) || quota_us <= 0 || period_us <= 0) return kNoQuota;
  return quota_us / period_us;
}

double QuotaV2(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  return QuotaIn(file);
}

double QuotaV1(const std::string& folder) {
  std::stringstream numbers;
  for (const char* name : {"/cpu.cfs_quota_us", "/cpu.cfs_period_us"}) {
    std::ifstream file(folder + name);
    std::string number;
    file >> number;
    numbers << number << ' ';
  }
  return QuotaIn(numbers);
}

// The least quota of the group at `path` and those above it. Within a container `path` may be the
// host's name of a group that is mounted as the root.
double LeastQuota(const std::string& mount, std::string path, double (*quota)(const std::string&)) {
  double least = kNoQuota;
  for (;;) {
    least = std::min(least, quota(mount + path));
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return least;
    path.erase(slash);
  }
}

bool HasController(std::string_view controllers, std::string_view wanted) {
  while (!controllers.empty()) {
    const std::size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == wanted) return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

double CgroupQuota(const std::string& root) {
  double least = kNoQuota;
  std::ifstream groups(root + "/proc/self/cgroup");
  // hierarchy:controllers:path, see cgroups(7).
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      least = std::min(least, LeastQuota(root + "/sys/fs/cgroup", path, QuotaV2));
    } else if (HasController(controllers, "cpu")) {
      for (const std::string& mount : {controllers, std::string("cpu")}) {
        const std::string folder = std::string(root).append("/sys/fs/cgroup/").append(mount);
        least = std::min(least, LeastQuota(folder, path, QuotaV1));
      }
    }
  }
  return least;
}

std::size_t AffinityCpus() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0)
    return static_cast<std::size_t>(CPU_COUNT(&set));
  return std::thread::hardware_concurrency();
}

}  // namespace

std::size_t UsableCpus(const std::string& root) {
  const auto available = static_cast<double>(std::max<std::size_t>(AffinityCpus(), 1));
  return static_cast<std::size_t>(std::ceil(std::min(available, CgroupQuota(root))));
}

}  // namespace daybook
