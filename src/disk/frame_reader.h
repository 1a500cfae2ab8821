// FrameReader walks over a segment's frames, or a journal's, from a position on, by large reads.
// For scans at the start and for reading records; any number of them may read one file side by
// side.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/format.h"

namespace daybook::disk {

class FrameReader {
 public:
  static constexpr std::uint64_t kWindowBytes = 64 << 10;

  // `end`: no byte at or behind this position is looked at. `window_bytes` are read at a time, and
  // a larger frame in one piece. `file` must outlive the reader.
  FrameReader(const File& file, std::uint64_t salt, std::uint64_t position, std::uint64_t end,
              std::uint64_t window_bytes = kWindowBytes, FileKind kind = FileKind::kSegment);

  std::uint64_t position() const { return position_; }

  // The header of the frame at position(): none where no valid one stands there that ends by `end`.
  // kIo: the file cannot be read.
  Result<std::optional<FrameHeader>> Header();

  // The body of that frame, which Header() has given; valid until the next call, and as long as
  // window() of now is kept. None where its checksum is wrong or its padding is not zero.
  Result<std::optional<std::string_view>> Body(const FrameHeader& header);
  std::shared_ptr<const void> window() const { return window_; }
  // Goes on to the frame behind the one with that header.
  void Skip(const FrameHeader& header) { position_ += header.frame_bytes(); }

 private:
  Status Load(std::uint64_t bytes);

  const File& file_;
  const std::uint64_t salt_;
  const FileKind kind_;
  const std::uint64_t end_;
  std::uint64_t position_;
  const std::uint64_t window_bytes_;
  std::shared_ptr<char[]> window_;  // bytes of the file; those that somebody else has, too, stay
  std::uint64_t window_room_ = 0;
  std::string_view loaded_;            // the part of window_ that was read
  std::uint64_t loaded_position_ = 0;  // where it stands in the file
};

}  // namespace daybook::disk
