// The file `meta` of a log's folder.
#pragma once

#include <string>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"

namespace daybook::disk {

// kDamaged: it is not valid.
Result<Meta> ReadMeta(FileSystem& files, const std::string& path);

// Writes and syncs the file, whose name is not durable yet.
Status WriteMeta(FileSystem& files, const std::string& path, const Meta& meta);

// Puts `meta` in the place of the one in `folder`, durably. kNoSpace: the old one stands. kIo: one
// of the two does.
Status ReplaceMeta(FileSystem& files, const std::string& folder, const Meta& meta);

}  // namespace daybook::disk
