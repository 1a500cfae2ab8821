#include <cstdio>
#include <string>

#include "app/exam_output.h"
#include "app/tool_output.h"
#include "app/tools.h"
#include "disk/folder_exam.h"

namespace daybook::app {
namespace {

using disk::ExaminedFolder;
using disk::Fault;

void Print(const ExaminedFolder& folder) {
  if (folder.catalogue) PrintLine("catalogue: " + DescribeExtent(*folder.catalogue));
  for (const disk::NamedExam& each : folder.logs) {
    PrintLine((each.name.empty() ? "log without a name" : "log " + each.name) + ", " +
              each.log.id.ToString() + ": " + DescribeExtent(each.log));
  }
  for (const std::string& path : folder.journals) PrintLine(DescribeJournal(path));
  for (const std::string& path : folder.leftovers)
    PrintLine("leftover: " + path + " is no log that the catalogue names");
  if (!folder.catalogue && folder.logs.empty()) PrintLine(folder.path + ": there is no log");
}

}  // namespace

int Verify(const config::ExamOptions& options) {
  Result<ExaminedFolder> folder = ExaminedFolder();
  {
    Progress progress;
    folder = disk::ExamineFolder(FileSystem::Posix(), options.data_dir, ShowingProgress(progress));
  }
  if (!folder.ok()) return ExitCodeOfExam("verify", folder.status());
  Print(*folder);
  std::size_t bad = 0;
  std::string first;
  for (const Fault& fault : folder->AllFaults()) {
    PrintLine(Describe(fault));
    if (fault.kind != Fault::Kind::kDamage && fault.kind != Fault::Kind::kUnknown) continue;
    if (++bad == 1) first = DescribePlace(fault);
  }
  if (bad == 0) {
    PrintLine("no damage");
    return 0;
  }
  std::fflush(stdout);
  std::fprintf(stderr, "daybook: verify: %zu damaged %s, the first: %s\n", bad,
               bad == 1 ? "place" : "places", first.c_str());
  return 1;
}

}  // namespace daybook::app
