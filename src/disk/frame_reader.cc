#include "disk/frame_reader.h"

#include <algorithm>

namespace daybook::disk {
namespace {

constexpr std::uint64_t kWindowBytes = 64 << 10;

}  // namespace

FrameReader::FrameReader(const File& file, std::uint64_t salt, std::uint64_t position,
                         std::uint64_t end)
    : file_(file), salt_(salt), end_(end), position_(position), window_position_(position) {}

// Makes `bytes` bytes from position_ on stand in the window; fewer do where the file ends before.
Status FrameReader::Load(std::uint64_t bytes) {
  const std::uint64_t window_end = window_position_ + window_.size();
  if (position_ >= window_position_ && position_ + bytes <= window_end) return {};
  const std::uint64_t wanted = std::min(std::max(bytes, kWindowBytes), end_ - position_);
  window_.resize(wanted);
  window_position_ = position_;
  const Result<std::size_t> read =
      file_.ReadAt(position_, std::span(window_.data(), window_.size()));
  if (!read.ok()) {
    window_.clear();
    return read.status();
  }
  window_.resize(*read);
  return {};
}

Result<std::optional<FrameHeader>> FrameReader::Header() {
  if (end_ - position_ < kFrameHeaderBytes) return std::optional<FrameHeader>();
  if (Status status = Load(kFrameHeaderBytes); !status.ok()) return status;
  const std::uint64_t at = position_ - window_position_;
  if (window_.size() - at < kFrameHeaderBytes) return std::optional<FrameHeader>();
  std::optional<FrameHeader> header = DecodeFrameHeader(window_.data() + at, {salt_, position_});
  if (header && header->frame_bytes() > end_ - position_) header.reset();
  return header;
}

Result<std::optional<std::string_view>> FrameReader::Body(const FrameHeader& header) {
  if (Status status = Load(header.frame_bytes()); !status.ok()) return status;
  const std::string_view rest = std::string_view(window_).substr(position_ - window_position_);
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
