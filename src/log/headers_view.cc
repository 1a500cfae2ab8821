#include "log/headers_view.h"

#include <bit>

namespace daybook::log {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the lengths are written and read as they lie in memory");

char* PutLength(char* at, std::string_view text) {
  CHECK(text.size() <= HeadersView::kTextBytesMax,
        "a header's name or value is longer than its length can say");
  const auto length = static_cast<std::uint16_t>(text.size());
  std::memcpy(at, &length, sizeof length);
  return at + sizeof length;
}

}  // namespace

std::optional<std::size_t> HeadersView::BytesOf(std::string_view bytes, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0; --count) {
    if (bytes.size() - at < kLengthsBytes) return std::nullopt;
    const std::size_t text_bytes = Length(bytes.data() + at) + Length(bytes.data() + at + 2);
    at += kLengthsBytes;
    if (bytes.size() - at < text_bytes) return std::nullopt;
    at += text_bytes;
  }
  return at;
}

void HeadersView::Append(std::string& bytes, std::string_view name, std::string_view value) {
  char lengths[kLengthsBytes];
  PutLength(PutLength(lengths, name), value);
  bytes.append(lengths, sizeof lengths).append(name).append(value);
}

char* HeadersView::Put(char* at, std::string_view name, std::string_view value) {
  at = PutLength(PutLength(at, name), value);
  at += name.copy(at, name.size());
  return at + value.copy(at, value.size());
}

}  // namespace daybook::log
