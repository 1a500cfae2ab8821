#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include "metrics/collectors.h"
#include "metrics/family.h"

namespace daybook::metrics {
namespace {

// The fields of /proc/self/stat that are used here; see proc(5), which counts them from 1.
struct ProcessStat {
  double cpu_ticks = 0;
  double threads = 0;
  double start_ticks = 0;  // since the machine's start
  double virtual_bytes = 0;
  double resident_pages = 0;
};

ProcessStat ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  // The second field is a name in parentheses that may hold anything.
  const std::size_t name_end = text.rfind(')');
  std::istringstream fields(name_end == std::string::npos ? std::string()
                                                          : text.substr(name_end + 1));
  std::array<double, 25> values{};
  std::string state;
  fields >> state;
  for (std::size_t field = 4; field < values.size() && fields >> values[field];) ++field;
  return {values[14] + values[15], values[20], values[22], values[23], values[24]};
}

double BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  for (std::string key; file >> key;) {
    double value = 0;
    if (key == "btime" && file >> value) return value;
    std::getline(file, key);
  }
  return 0;
}

double OpenDescriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator folder("/proc/self/fd", error);
  if (error) return 0;
  const auto count = std::distance(begin(folder), end(folder));
  return static_cast<double>(count - 1);  // without the one that looks
}

double LimitOf(decltype(RLIMIT_AS) resource) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

ProcessCollector::ProcessCollector(std::string version, std::string revision, std::string compiler,
                                   std::string engine)
    : version_(std::move(version)),
      revision_(std::move(revision)),
      compiler_(std::move(compiler)),
      engine_(std::move(engine)) {}

Families ProcessCollector::Collect() const {
  static const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  static const auto page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  static const double boot_seconds = BootTimeSeconds();
  const ProcessStat stat = ReadStat();
  const auto one = [](const Metric& metric, double value) {
    return std::move(Family(metric).Add(value)).Take();
  };
  return {
      std::move(Family(kBuildInfo).Add(1, {version_, revision_, compiler_, engine_})).Take(),
      one(kProcessCpu, stat.cpu_ticks / ticks_per_second),
      one(kProcessOpenFds, OpenDescriptors()),
      one(kProcessMaxFds, LimitOf(RLIMIT_NOFILE)),
      one(kProcessResident, stat.resident_pages * page_bytes),
      one(kProcessVirtual, stat.virtual_bytes),
      one(kProcessVirtualMax, LimitOf(RLIMIT_AS)),
      one(kProcessThreads, stat.threads),
      one(kProcessStart, boot_seconds + stat.start_ticks / ticks_per_second),
  };
}

Families LoggingCollector::Collect() const {
  return {std::move(Family(kLoggingDroppedLines).Add(static_cast<double>(writer_.dropped_lines())))
              .Take()};
}

}  // namespace daybook::metrics
