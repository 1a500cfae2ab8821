// What is wrong with a data folder: the catalogue, and every log in it. See segment_exam.h.
//
// It takes no lock and changes nothing, so that it may be made while a server runs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/data_folder.h"
#include "disk/log_exam.h"

namespace daybook::disk {

struct NamedExam {
  std::string name;  // "" where no entry of the catalogue names it
  ExaminedLog log;
};

struct CatalogueRecord {
  Offset offset;
  log::NewRecord record;
};

struct ExaminedFolder {
  std::string path;
  std::optional<ExaminedLog> catalogue;            // none: there is none
  bool catalogue_damaged = false;                  // or missing, and there are logs
  std::vector<CatalogueRecord> catalogue_records;  // that can be read
  std::vector<CatalogueEntry> entries;             // that they make
  std::vector<NamedExam> logs;                     // those without a name at the end
  std::vector<CatalogueEntry> missing;             // entries of which there is no folder
  std::vector<MisnamedSegment> misnamed;           // that were placed
  std::vector<std::string> journals;   // that hold what a start writes to its place first: until
                                       // then damage may be told of that is none
  bool journal_damaged = false;        // one of them
  std::vector<std::string> leftovers;  // folders that an undamaged catalogue does not name
  std::vector<Fault> faults;           // of the folder and of what the catalogue says

  // What the catalogue is to say, where a repair writes it anew: all that can be read of it, and
  // that there are logs of which it does not tell. Of records that say nothing any more, none.
  CatalogueState Recovered() const;
  // Of all of it, in the order in which they are to be told.
  std::vector<Fault> AllFaults() const;
};

struct FolderExamOptions {
  bool places_misnamed = false;  // segments are looked at as if they had the names of their headers
  std::function<void(std::uint64_t bytes)> on_total = [](std::uint64_t) {};  // there are to look at
  std::function<void(std::uint64_t bytes)> on_bytes = [](std::uint64_t) {};  // looked at since
};

// kNotFound: there is no such folder.
Result<ExaminedFolder> ExamineFolder(FileSystem& files, const std::string& path,
                                     const FolderExamOptions& options = {});

}  // namespace daybook::disk
