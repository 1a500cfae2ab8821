// What an examination of a data folder found, in words for the person who has to act on it.
#pragma once

#include <string>
#include <vector>

#include "app/tool_output.h"
#include "base/status.h"
#include "disk/folder_exam.h"

namespace daybook::app {

// "offset 7", or "offsets 7 to 9 (3 records)"
std::string DescribeOffsets(Offset first_offset, Offset next_offset);

// "FILE, position 4096: what is wrong there"
std::string DescribePlace(const disk::Fault& fault);
// "damage: FILE, position 4096: what is wrong there; it takes offset 7"
std::string Describe(const disk::Fault& fault);

// A log, or the catalogue, in one line: how much of it there is.
// Of one that holds something.
std::string DescribeJournal(const std::string& path);
std::string DescribeExtent(const disk::ExaminedLog& log);

// Says on standard error, in the name of that command, why there is nothing to tell of a folder.
// Returns the exit code: 2 for one that is not there.
int ExitCodeOfExam(const char* command, const Status& status);

// Has an examination show on a terminal how far it is; `progress` outlives it.
disk::FolderExamOptions ShowingProgress(Progress& progress);

}  // namespace daybook::app
