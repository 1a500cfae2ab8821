#include "disk/many_logs_workload.h"

#include <chrono>

#include "disk/many_logs_work.h"

namespace daybook::disk {
namespace {

constexpr int kGroupsPerStart = 9;

void RunOneStart(test::SimulatedFileSystem& files, DiskLogStore& store, int start,
                 StoreLedger& ledger, std::chrono::milliseconds patience) {
  ManyLogsWork work(files, store, ledger, patience);
  const bool idles = start % 2 == 1;
  const LogPtr first = work.Find("default");
  const LogPtr a = work.Make("a");
  LogPtr b = work.Make("b");
  const LogPtr c = work.Make("c");
  for (int i = 0; i < kGroupsPerStart; ++i) {
    if (idles && i == 3) FillUp(files);
    if (idles && i == 5) files.SetCapacity(UINT64_MAX);
    if (i == 6) {
      work.Delete(b);
      b = work.Make("b");
    }
    const bool large = i == 7;  // more than the journal takes
    AskTogether({work.Append(first, 10), work.Append(a, 900), work.Append(b, large ? 3000 : 300),
                 work.Put(b, "x"), work.Append(c, large ? 3000 : 700), work.Append(a, 1),
                 work.Put(a, "y", i % 2 == 0),
                 i % 4 == 3 ? work.Forget(b, "x") : work.Put(a, "z")});
    if (i == 0) work.AwaitJournal();
    if (idles) work.AwaitReplay();
    if (i == 2) work.Trim(a, idles ? 0 : 2);
    if (i == 8) work.Trim(b, 1);
  }
  if (idles) work.Delete(c);
}

}  // namespace

void RunManyLogs(test::SimulatedFileSystem& files, int starts, StoreLedger& ledger,
                 std::chrono::milliseconds patience) {
  for (int start = 0; start < starts; ++start) {
    // None of the first start's logs is idle for that long.
    const std::chrono::milliseconds idle_time(start % 2 == 0 ? 60'000 : 0);
    // The second, and the recovery of what was cut in it, sync each log by itself.
    files.NoWholeSync(start % 2 == 1);
    const Status status =
        WithStore(files, kManyLogsFolder, ManyLogsOptions(idle_time),
                  [&](DiskLogStore& store) { RunOneStart(files, store, start, ledger, patience); });
    files.SetCapacity(UINT64_MAX);
    if (!status.ok()) return;
  }
}

}  // namespace daybook::disk
