// How the journal's frames come to be durable where they belong: at a start, after which they are
// needed no more, and in the background, so that room in the journal becomes free.
//
// Both write each frame again, through a file that was opened before: so whatever became of a page
// that was written before, this sync tells. It is the same bytes, at the same places. Where they
// are of `whole_sync_from` segments or more, the file system is synced as a whole, if that tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "log/log_id.h"

namespace daybook::disk {

struct ReplayReport {
  std::uint64_t journals = 0;
  std::uint64_t frames_bytes = 0;  // that were written again
  std::uint64_t segments = 0;      // that they are in

  void Add(const ReplayReport& other);
};

// The journals in a data folder, from the oldest to the newest.
Result<std::vector<std::string>> ListJournals(FileSystem& files, const std::string& data_folder);

// Whether the journal at `path` holds something; kDamaged names the place of what had been durable
// and is not valid.
Result<bool> CheckJournal(FileSystem& files, const std::string& path);

// Writes the frames of the journal at `path` to the segments that they belong to, and syncs these;
// frames of logs that are no more and of what was trimmed are passed over, and so are those that
// stood in another segment of the same name. kDamaged as above, or of a segment that is not there
// and should be, or has no valid header: what the journal has may be nowhere else.
Result<ReplayReport> ReplayJournal(FileSystem& files, const std::string& data_folder,
                                   const std::string& path, std::size_t whole_sync_from);
// The same, each segment by itself, but writes what is valid, whatever is damaged beside it; true
// where something was, or had no place.
Result<bool> SalvageJournal(FileSystem& files, const std::string& data_folder,
                            const std::string& path);

// Replays all journals in the folder and removes them, durably. To be called before anything else
// looks at the logs.
Result<ReplayReport> ReplayJournals(FileSystem& files, const std::string& data_folder,
                                    std::size_t whole_sync_from);

}  // namespace daybook::disk
