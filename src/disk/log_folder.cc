#include "disk/log_folder.h"

#include <memory>

#include "disk/read_file.h"
#include "disk/segment.h"

namespace daybook::disk {
namespace {

// The file may be there from a time before, and longer.
Status WriteSynced(FileSystem& files, const std::string& path, std::string_view bytes) {
  const Result<std::unique_ptr<File>> file = files.Open(path, FileSystem::Mode::kOpenOrCreate);
  if (!file.ok()) return file.status();
  if (Status status = (*file)->Truncate(0); !status.ok()) return status;
  if (Status status = (*file)->WriteBytesAt(0, bytes); !status.ok()) return status;
  return (*file)->Sync();
}

}  // namespace

Result<Meta> ReadMeta(FileSystem& files, const std::string& path) {
  const Result<std::string> bytes = ReadFile(files, path, kMetaBytes + 1);
  if (!bytes.ok()) return bytes.status();
  Result<Meta> meta = DecodeMeta(*bytes);
  if (!meta.ok()) return Damaged(path, 0, meta.status().message());
  return meta;
}

Status WriteMeta(FileSystem& files, const std::string& path, const Meta& meta) {
  return WriteSynced(files, path, EncodeMeta(meta));
}

Status ReplaceMeta(FileSystem& files, const std::string& folder, const Meta& meta) {
  return ReplaceFile(files, folder, "meta", EncodeMeta(meta));
}

Status ReplaceFile(FileSystem& files, const std::string& folder, std::string_view name,
                   std::string_view bytes) {
  const std::string path = std::string(folder).append("/").append(name);
  const std::string temporary = std::string(path).append(kTemporarySuffix);
  if (Status status = WriteSynced(files, temporary, bytes); !status.ok()) {
    (void)files.Remove(temporary);  // if that fails, too, the next start does it
    return status;
  }
  Status status = files.Rename(temporary, path);
  if (status.ok()) status = files.SyncFolder(folder);
  // For want of room or not, the new one may stand there.
  return status.ok() ? status : Status(StatusCode::kIo, status.message());
}

}  // namespace daybook::disk
