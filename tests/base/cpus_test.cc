#include "base/cpus.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace daybook {
namespace {

// A /proc and /sys of the test's own.
class Cpus : public testing::Test {
 protected:
  Cpus() : root_(testing::TempDir() + "/cpus_" + std::to_string(getpid())) {}
  ~Cpus() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  std::size_t Usable() const { return UsableCpus(root_); }

 private:
  std::string root_;
};

std::size_t Affinity() {
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  return static_cast<std::size_t>(CPU_COUNT(&set));
}

TEST_F(Cpus, WithoutQuotaTheyAreThoseOfTheAffinity) {
  EXPECT_EQ(Usable(), Affinity());
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(Usable(), Affinity());
}

TEST_F(Cpus, AQuotaOfVersion2LimitsThem) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/cpu.max", "100000 100000\n");
  EXPECT_EQ(Usable(), 1U);
}

TEST_F(Cpus, ThePartOfACpuCountsAsOne) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/cpu.max", "1000 100000\n");
  EXPECT_EQ(Usable(), 1U);
}

TEST_F(Cpus, AQuotaOfAGroupAboveLimitsThem) {
  Write("/proc/self/cgroup", "0::/pods/one/container\n");
  Write("/sys/fs/cgroup/pods/one/container/cpu.max", "max 100000\n");
  Write("/sys/fs/cgroup/pods/cpu.max", "50000 100000\n");
  EXPECT_EQ(Usable(), 1U);
}

TEST_F(Cpus, AQuotaOfVersion1LimitsThemWhereverTheControllerIsMounted) {
  Write("/proc/self/cgroup", "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/\n");
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000\n");
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Usable(), 1U);
  Write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(Usable(), Affinity());
  Write("/sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us", "90000\n");
  Write("/sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Usable(), 1U);
}

TEST_F(Cpus, NonsenseIsNoQuota) {
  Write("/proc/self/cgroup", "nonsense\n0::\n:\n");
  Write("/sys/fs/cgroup/cpu.max", "much\n");
  EXPECT_EQ(Usable(), Affinity());
}

}  // namespace
}  // namespace daybook
