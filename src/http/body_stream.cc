#include "http/body_stream.h"

#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace daybook::http {
namespace {

// While so much waits to be sent nothing is added.
constexpr std::size_t kWaitingBytesMax = 64 << 10;
// However small the pieces are.
constexpr int kPiecesPerFill = 16;

void AddChunkHeader(std::uint64_t bytes, Output& output) {
  char digits[16];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, bytes, 16);
  output.Tail().append(digits, end).append("\r\n");
}

}  // namespace

BodyStream::BodyStream(std::unique_ptr<BodySource> source, BodyShare held, bool chunked)
    : source_(std::move(source)),
      held_(std::move(held)),
      size_(source_->size()),
      chunked_(chunked) {}

void BodyStream::Fill(Output& output) {
  waits_ = false;
  for (int i = 0;
       i < kPiecesPerFill && !ended_ && !waits_ && has_room_ && output.bytes() < kWaitingBytesMax;
       ++i) {
    BodyPiece piece;
    ended_ = !source_->Next(piece);
    waits_ = piece.waits;
    has_room_ = held_.Resize(source_->held_bytes());
    Add(std::move(piece), output);
  }
  if (ended_ && size_ && bytes_ < *size_) throw std::logic_error("a body is shorter than its size");
}

void BodyStream::Add(BodyPiece piece, Output& output) {
  const std::uint64_t bytes = piece.text.size() + piece.view.size();
  bytes_ += bytes;
  if (size_ && bytes_ > *size_) throw std::logic_error("a body is longer than its size");
  // An empty chunk would be the last.
  if (chunked_ && bytes > 0) AddChunkHeader(bytes, output);
  output.Add(std::move(piece.text));
  output.AddView(piece.view);
  if (chunked_ && bytes > 0) output.Tail().append("\r\n");
  if (chunked_ && ended_) output.Tail().append("0\r\n\r\n");
}

}  // namespace daybook::http
