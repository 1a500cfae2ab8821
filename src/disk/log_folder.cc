#include "disk/log_folder.h"

#include <memory>

#include "disk/read_file.h"
#include "disk/segment.h"

namespace daybook::disk {

Result<Meta> ReadMeta(FileSystem& files, const std::string& path) {
  const Result<std::string> bytes = ReadFile(files, path, kMetaBytes + 1);
  if (!bytes.ok()) return bytes.status();
  Result<Meta> meta = DecodeMeta(*bytes);
  if (!meta.ok()) return Damaged(path, 0, meta.status().message());
  return meta;
}

Status WriteMeta(FileSystem& files, const std::string& path, const Meta& meta) {
  const Result<std::unique_ptr<File>> file = files.Open(path, FileSystem::Mode::kOpenOrCreate);
  if (!file.ok()) return file.status();
  if (Status status = (*file)->WriteBytesAt(0, EncodeMeta(meta)); !status.ok()) return status;
  return (*file)->Sync();
}

Status ReplaceMeta(FileSystem& files, const std::string& folder, const Meta& meta) {
  const std::string path = folder + "/meta";
  const std::string temporary = std::string(path).append(kTemporarySuffix);
  if (Status status = WriteMeta(files, temporary, meta); !status.ok()) {
    (void)files.Remove(temporary);  // if that fails, too, the next start does it
    return status;
  }
  Status status = files.Rename(temporary, path);
  if (status.ok()) status = files.SyncFolder(folder);
  // For want of room or not, the new one may stand there.
  return status.ok() ? status : Status(StatusCode::kIo, status.message());
}

}  // namespace daybook::disk
