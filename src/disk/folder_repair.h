// The repair of a data folder: of every log in it (see log_repair.h), and of the catalogue, which
// is written anew where it is damaged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/status.h"
#include "disk/catalogue_state.h"
#include "disk/data_folder.h"
#include "disk/folder_exam.h"
#include "disk/log_repair.h"

namespace daybook::disk {

struct FolderRepair {
  ExaminedFolder exam;
  std::vector<LogRepair> logs;              // of exam.logs, each
  std::optional<CatalogueState> catalogue;  // that is to be written
  std::vector<CatalogueEntry> made;         // logs of which nothing is left, to be made anew

  // Whether there is anything to repair without which the folder is not served.
  bool IsNeeded() const;
};

// Changes nothing. kDamaged: there is something that this program cannot mend. kNotFound: there is
// no such folder.
Result<FolderRepair> PlanFolderRepair(FileSystem& files, const Clock& clock,
                                      const std::string& path,
                                      const FolderExamOptions& options = {});

// Carries out a plan that was made while `folder`, of the same path, was locked. What was damaged
// is kept under another name. kUnavailable: a backup is under way.
Status RepairFolder(FileSystem& files, const Clock& clock, DataFolder& folder,
                    const FolderRepair& repair);

}  // namespace daybook::disk
