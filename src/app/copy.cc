#include <cinttypes>
#include <cstdio>
#include <vector>

#include "app/tool_output.h"
#include "app/tools.h"
#include "disk/backup.h"

namespace daybook::app {
namespace {

using disk::CopyPhase;
using disk::LogCopy;

void Print(const LogCopy& copy) {
  if (copy.name.empty()) {
    std::printf("catalogue: %" PRIu64 " bytes copied, %" PRIu64 " linked\n", copy.copied_bytes,
                copy.linked_bytes);
    return;
  }
  std::printf("%s, %s: offsets %" PRIu64 " to %" PRIu64 " (exclusive), segments: %" PRIu64
              ", bytes linked: %" PRIu64 ", bytes copied: %" PRIu64 "\n",
              copy.name.c_str(), copy.id.ToString().c_str(), copy.first_offset.value,
              copy.next_offset.value, copy.segments, copy.linked_bytes, copy.copied_bytes);
}

template <typename Make>
int Copy(const char* command, const config::CopyOptions& options, Make make) {
  Result<std::vector<LogCopy>> copies = std::vector<LogCopy>();
  {
    Progress progress;
    disk::CopyOptions copy_options;
    copy_options.on_progress = [&](CopyPhase phase, std::uint64_t bytes) {
      progress.Show([&] {
        return (phase == CopyPhase::kChecking ? "checked " : "copied ") + ForPeople(bytes);
      });
    };
    copies = make(FileSystem::Posix(), options.from, options.to, copy_options);
  }
  if (!copies.ok()) return ExitCodeOf(command, copies.status());
  for (const LogCopy& copy : *copies) Print(copy);
  std::printf("%s is whole\n", options.to.c_str());
  return 0;
}

}  // namespace

int Backup(const config::CopyOptions& options) { return Copy("backup", options, disk::Backup); }

int Restore(const config::CopyOptions& options) { return Copy("restore", options, disk::Restore); }

}  // namespace daybook::app
