// A look at a data folder by a process that holds no lock and changes nothing, also while a server
// appends to the logs in it and takes old segments away.
//
// What is found is what stood there at some moment of the call. A segment that has vanished when it
// is to be opened was taken away by retention, if another look finds the log to begin behind it.
// The last segment may grow at any time; FrameWalk says how it is looked at then.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/data_folder.h"
#include "disk/format.h"
#include "disk/frame_walk.h"
#include "disk/segment.h"
#include "disk/segment_file.h"

namespace daybook::disk {

// A log's folder.
struct LogFiles {
  std::string folder;
  Result<Meta> meta;                  // kDamaged or kNotFound
  std::vector<SegmentFile> segments;  // by offset, without those wholly below the first offset
};

// kNotFound: there is no such folder.
Result<LogFiles> LookIntoLog(FileSystem& files, const std::string& folder);

// A segment whose header is right, apart from the first offset that its name says.
struct MisnamedSegment {
  std::string path;
  std::string right_path;
};

// Gives such segments in `log` the place that their headers say, where no file has that name.
std::vector<MisnamedSegment> PlaceMisnamed(FileSystem& files, const log::LogId& id, LogFiles& log);

enum class GapKind {
  kEnd,            // of a log: it was never acknowledged
  kComeMeanwhile,  // the frame stands there now, and the walk goes on with it
  kDamage,
};

// What a gap is that `walk` has come to, by recovery's rules.
Result<GapKind> JudgeGap(const OpenSegment& opened, const SegmentFile& segment, FrameWalk& walk,
                         const FrameWalk::Gap& gap);

// Calls `on_frame` with each of a segment's frames, in their order, until one returns an error, and
// returns where they end. By recovery's rules: of a log's last segment an end that was never
// acknowledged is passed over, and that of others is a seal; kDamaged names the place of anything
// else that is no valid frame.
Result<SegmentEnd> WalkSegment(const OpenSegment& opened, const SegmentFile& segment,
                               const std::function<Status(const FrameWalk::Frame&)>& on_frame);

// The logs that the catalogue in that folder names. kDamaged names the place of what cannot be
// read. kNotFound: there is no catalogue.
Result<std::vector<CatalogueEntry>> ReadEntries(FileSystem& files, const std::string& folder);
// The same, of a data folder.
Result<std::vector<CatalogueEntry>> LookIntoCatalogue(FileSystem& files,
                                                      const std::string& data_folder);

}  // namespace daybook::disk
