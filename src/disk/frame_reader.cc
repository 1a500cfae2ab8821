#include "disk/frame_reader.h"

#include <algorithm>

#include "base/buffer_pool.h"

namespace daybook::disk {
namespace {

// Windows of large pages: up to a mebibyte and what its ends take. What is kept is enough for two
// readers of pages of 10 MiB whose next pages begin when nothing is being sent.
constexpr std::size_t kPooledBytes = (1 << 20) + (128 << 10);
constexpr std::size_t kPooledBytesMin = 256 << 10;  // below, the allocator has it
constexpr std::size_t kPooledWindowsMax = 24;       // that wait: 27 MiB

std::shared_ptr<char[]> MakeWindow(std::size_t bytes) {
  // Pages may outlive all else.
  static BufferPool& pool = *new BufferPool(kPooledBytes, kPooledWindowsMax);
  if (bytes >= kPooledBytesMin && bytes <= kPooledBytes) return pool.Get();
  return std::make_shared_for_overwrite<char[]>(bytes);
}

}  // namespace

FrameReader::FrameReader(const File& file, std::uint64_t salt, std::uint64_t position,
                         std::uint64_t end, std::uint64_t window_bytes, FileKind kind)
    : file_(file),
      salt_(salt),
      kind_(kind),
      end_(end),
      position_(position),
      window_bytes_(window_bytes),
      loaded_position_(position) {}

// Makes `bytes` bytes from position_ on be loaded; fewer are where the file ends before.
Status FrameReader::Load(std::uint64_t bytes) {
  const std::uint64_t loaded_end = loaded_position_ + loaded_.size();
  if (position_ >= loaded_position_ && position_ + bytes <= loaded_end) return {};
  // Behind a large frame there is another one, as a rule, of which only a part would come along;
  // its header tells how much to read.
  const bool large = bytes > window_bytes_ / 2;
  const std::uint64_t wanted =
      std::min(large ? bytes + kFrameHeaderBytes : window_bytes_, end_ - position_);
  if (wanted > window_room_ || window_.use_count() > 1) {
    window_ = MakeWindow(wanted);
    window_room_ = wanted;
  }
  loaded_ = {};
  loaded_position_ = position_;
  const Result<std::size_t> read = file_.ReadAt(position_, std::span(window_.get(), wanted));
  if (!read.ok()) return read.status();
  loaded_ = std::string_view(window_.get(), *read);
  return {};
}

Result<std::optional<FrameHeader>> FrameReader::Header() {
  if (end_ - position_ < kFrameHeaderBytes) return std::optional<FrameHeader>();
  if (Status status = Load(kFrameHeaderBytes); !status.ok()) return status;
  const std::string_view bytes = loaded_.substr(position_ - loaded_position_);
  if (bytes.size() < kFrameHeaderBytes) return std::optional<FrameHeader>();
  std::optional<FrameHeader> header = DecodeFrameHeader(bytes.data(), {salt_, position_, kind_});
  if (header && header->frame_bytes() > end_ - position_) header.reset();
  return header;
}

Result<std::optional<std::string_view>> FrameReader::Body(const FrameHeader& header) {
  if (Status status = Load(header.frame_bytes()); !status.ok()) return status;
  const std::string_view rest = loaded_.substr(position_ - loaded_position_);
  if (rest.size() < header.frame_bytes()) return std::optional<std::string_view>();
  const std::string_view frame =
      rest.substr(kFrameHeaderBytes, header.frame_bytes() - kFrameHeaderBytes);
  const std::string_view body = frame.substr(0, header.body_bytes);
  const std::string_view padding = frame.substr(header.body_bytes);
  const bool padded = padding.find_first_not_of('\0') == std::string_view::npos;
  if (!padded || BodyChecksum(body, {salt_, position_}) != header.body_checksum)
    return std::optional<std::string_view>();
  return std::optional(body);
}

}  // namespace daybook::disk
