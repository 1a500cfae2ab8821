#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/exam_output.h"
#include "app/tool_output.h"
#include "app/tools.h"
#include "base/clock.h"
#include "disk/folder_repair.h"

namespace daybook::app {
namespace {

using disk::Fault;
using disk::FolderRepair;
using disk::LogRepair;

constexpr const char* kCommand = "repair";

int ExitWith(const Status& status) { return ExitCodeOfExam(kCommand, status); }

// The records that are lost, in ranges that do not touch.
std::vector<std::pair<Offset, Offset>> LostIn(const disk::ExaminedLog& log) {
  std::vector<std::pair<Offset, Offset>> ranges;
  for (const Fault& fault : log.faults) {
    if (fault.kind == Fault::Kind::kDamage && fault.first_offset < fault.next_offset)
      ranges.emplace_back(fault.first_offset, fault.next_offset);
  }
  std::sort(ranges.begin(), ranges.end());
  std::vector<std::pair<Offset, Offset>> merged;
  for (const auto& [first, next] : ranges) {
    if (!merged.empty() && first <= merged.back().second) {
      merged.back().second = std::max(merged.back().second, next);
    } else {
      merged.emplace_back(first, next);
    }
  }
  return merged;
}

void PrintLog(const disk::NamedExam& each, const LogRepair& repair) {
  const std::string name = each.name.empty() ? each.log.id.ToString() : each.name;
  for (const Fault& fault : each.log.faults) PrintLine("log " + name + ": " + Describe(fault));
  for (const disk::SegmentRepair& segment : repair.segments) {
    PrintLine("log " + name + ": to be written anew: " + repair.folder + "/" +
              disk::SegmentName(segment.first_offset));
  }
  for (const disk::SegmentFile& segment : repair.taken_away) {
    PrintLine("log " + name +
              ": to be taken away, for nothing is in it that is not elsewhere: " + segment.path);
  }
  if (repair.writes_meta) {
    PrintLine("log " + name + ": meta is to be written anew; the log then begins at offset " +
              std::to_string(repair.meta.first_offset.value) +
              ", and records that had been trimmed may come back");
  }
  for (const auto& [first, next] : LostIn(each.log))
    PrintLine("log " + name + ": lost: " + DescribeOffsets(first, next));
  const bool more = std::any_of(each.log.faults.begin(), each.log.faults.end(),
                                [](const Fault& fault) { return fault.takes_more; });
  if (more) {
    PrintLine("log " + name + ": lost: all records from offset " +
              std::to_string(each.log.next_offset.value) +
              " on, if there were any; the next append gets that offset");
  }
}

void PrintCatalogue(const FolderRepair& repair) {
  std::vector<Fault> faults = repair.exam.faults;
  if (repair.exam.catalogue) {
    const std::vector<Fault>& own = repair.exam.catalogue->faults;
    faults.insert(faults.end(), own.begin(), own.end());
  }
  for (const Fault& fault : faults) PrintLine("catalogue: " + Describe(fault));
  if (repair.catalogue) {
    for (const disk::CatalogueEntry& entry : repair.catalogue->entries())
      PrintLine("catalogue: to be written anew: log " + entry.name + ", " + entry.id.ToString());
    PrintLine("catalogue: what it said of how long logs keep their records may be lost");
  }
  for (const disk::CatalogueEntry& entry : repair.made)
    PrintLine("log " + entry.name + ": nothing is left of it; to be made anew, empty");
}

void Print(const FolderRepair& repair) {
  PrintCatalogue(repair);
  for (const std::string& path : repair.exam.journals) PrintLine(DescribeJournal(path));
  for (const disk::MisnamedSegment& segment : repair.exam.misnamed)
    PrintLine("to be renamed: " + segment.path + " to " + segment.right_path);
  for (std::size_t i = 0; i < repair.logs.size(); ++i)
    PrintLog(repair.exam.logs[i], repair.logs[i]);
}

// Which a start does, or does without.
bool HasMoreToDo(const FolderRepair& repair) {
  return !repair.exam.journals.empty() ||
         std::any_of(repair.logs.begin(), repair.logs.end(),
                     [](const LogRepair& log) { return !log.indexed.empty(); });
}

}  // namespace

int Repair(const config::ExamOptions& options) {
  FileSystem& files = FileSystem::Posix();
  // Locking would make the folder.
  if (const auto names = files.List(options.data_dir); !names.ok()) return ExitWith(names.status());
  const auto folder = disk::DataFolder::Lock(files, options.data_dir);
  if (folder.status().code() == StatusCode::kUnavailable) {
    return ExitWith({StatusCode::kUnavailable,
                     folder.status().message() +
                         "; stop it, or have it run with --maintenance, and try again"});
  }
  if (!folder.ok()) return ExitWith(folder.status());
  Result<FolderRepair> repair = FolderRepair();
  {
    Progress progress;
    repair =
        disk::PlanFolderRepair(files, Clock::System(), options.data_dir, ShowingProgress(progress));
  }
  if (!repair.ok()) return ExitWith(repair.status());
  Print(*repair);
  if (options.repair && (repair->IsNeeded() || HasMoreToDo(*repair))) {
    std::fflush(stdout);
    const Status status = disk::RepairFolder(files, Clock::System(), **folder, *repair);
    if (!status.ok()) return ExitWith(status);
  }
  if (!repair->IsNeeded()) {
    PrintLine("nothing is damaged");
    return 0;
  }
  if (options.repair) {
    PrintLine("repaired; what was damaged is kept in files that end in .damaged");
    return 0;
  }
  PrintLine("nothing was changed; `daybook repair --yes " + options.data_dir + "` does it");
  return 1;
}

}  // namespace daybook::app
