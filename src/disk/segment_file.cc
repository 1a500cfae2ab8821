#include "disk/segment_file.h"

#include <utility>

#include "disk/segment.h"

namespace daybook::disk {

std::string SegmentFile::index_path() const {
  return path.substr(0, path.rfind('/') + 1) + IndexName(first_offset);
}

Result<SegmentHeader> HeaderOf(const SegmentFile& segment, const log::LogId& log,
                               std::string_view bytes) {
  const auto wrong = [](std::string what) {
    return Status(StatusCode::kInvalidArgument, std::move(what));
  };
  Result<SegmentHeader> header = DecodeSegmentHeader(bytes);
  if (!header.ok()) return header;
  if (header->log != log) return wrong("it is of the log " + header->log.ToString());
  if (header->first_offset != segment.first_offset)
    return wrong("it begins with offset " + std::to_string(header->first_offset.value) +
                 ", which its name does not say");
  return header;
}

Result<std::string> ReadHeaderBytes(const File& file) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  const Result<std::size_t> read = file.ReadAt(0, {bytes.data(), bytes.size()});
  if (!read.ok()) return read.status();
  bytes.resize(*read);
  return bytes;
}

Result<OpenSegment> OpenForReading(FileSystem& files, const SegmentFile& segment,
                                   const log::LogId& log) {
  Result<std::unique_ptr<File>> file = files.Open(segment.path, FileSystem::Mode::kRead);
  if (!file.ok()) return file.status();
  const Result<std::uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  const Result<std::string> bytes = ReadHeaderBytes(**file);
  if (!bytes.ok()) return bytes.status();
  Result<SegmentHeader> header = HeaderOf(segment, log, *bytes);
  if (!header.ok()) header = Damaged(segment.path, 0, header.status().message());
  return OpenSegment{std::move(*file), *size, std::move(header)};
}

}  // namespace daybook::disk
