// The small files of a log's folder, which are written as a whole.
#pragma once

#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"

namespace daybook::disk {

// kDamaged: it is not valid.
Result<Meta> ReadMeta(FileSystem& files, const std::string& path);

// Writes and syncs the file, whose name is not durable yet.
Status WriteMeta(FileSystem& files, const std::string& path, const Meta& meta);

// Puts a file of these bytes in the place of the one of that name in `folder`, if there is one,
// durably. kNoSpace: the old one stands. kIo: one of the two does.
Status ReplaceFile(FileSystem& files, const std::string& folder, std::string_view name,
                   std::string_view bytes);
// The same with `meta`.
Status ReplaceMeta(FileSystem& files, const std::string& folder, const Meta& meta);

}  // namespace daybook::disk
