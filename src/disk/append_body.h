// The body of an append frame: an idempotency key, where the client gave one, and the records. Pure
// functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "disk/little_endian.h"
#include "log/idempotency.h"
#include "log/record.h"

namespace daybook::disk {

inline constexpr std::size_t kDigestBytes = sizeof(log::BatchDigest);
inline constexpr std::size_t kRecordHeaderBytes = 8;
inline constexpr std::uint16_t kNoKey = 0xFFFF;  // where a key's length stands

struct IdempotencyView {
  std::string_view key;
  std::string_view digest;  // kDigestBytes: of the records, XXH3-128 of their encoding
};

// How many bytes the records take; more than 32 bits can say where they do not fit into a frame.
std::uint64_t AppendBodyBytes(const log::Batch& batch, std::string_view idempotency_key);

// Appends the body to `out`. The batch's lengths are such that AppendBodyBytes() is a frame's.
void EncodeAppendBody(const log::Batch& batch, std::string_view idempotency_key, std::string& out);

// A frame of which only the header is missing.
struct EncodedAppend {
  std::string bytes;  // room for the header, the body, padding
  std::uint32_t body_bytes = 0;
  std::uint32_t record_count = 0;
  log::BatchDigest digest{};  // of the records, where there is an idempotency key
};

// None where the batch is larger than a frame can be.
std::optional<EncodedAppend> EncodeAppend(const log::Batch& batch,
                                          std::string_view idempotency_key);

// Decodes the record that stands first in `bytes`, into the place of `record`, which is empty;
// offset and timestamp are the caller's. Returns how many bytes it takes; 0 where they are no
// record. Every length is checked against what is left before it is used, so any bytes may be
// given.
std::size_t DecodeRecord(std::string_view bytes, log::RecordView& record);

// Reads a body record by record. Every length is checked against what is left before it is used, so
// any bytes may be given.
class AppendBodyReader {
 public:
  explicit AppendBodyReader(std::string_view body);

  // None where the client gave no key.
  const std::optional<IdempotencyView>& idempotency() const { return idempotency_; }

  // The next record, whose views point into the body; offset and timestamp are the caller's. None
  // at the end, and where the bytes are no record.
  std::optional<log::RecordView> Next();
  // The same, in the place of `record`, which is empty. False: there is none.
  bool NextInto(log::RecordView& record);

  // What is left: the records, before the first is read. Nothing where the body is broken.
  std::string_view rest() const { return broken_ ? std::string_view() : rest_; }

  // True when the body ended exactly behind a record.
  bool complete() const { return !broken_ && rest_.empty(); }

 private:
  // Nothing, and broken_ is set, where fewer are left.
  std::string_view Take(std::size_t bytes);

  std::string_view rest_;
  std::optional<IdempotencyView> idempotency_;
  bool broken_ = false;
};

inline std::size_t DecodeRecord(std::string_view bytes, log::RecordView& record) {
  if (bytes.size() < kRecordHeaderBytes) return 0;
  const char* const at = bytes.data();
  const std::size_t value_bytes = GetInteger<std::uint32_t>(at);
  const std::size_t key_bytes = GetInteger<std::uint16_t>(at + 4);
  const std::size_t header_count = GetInteger<std::uint8_t>(at + 6);
  const bool has_key = key_bytes != kNoKey;
  const std::size_t headers_position = kRecordHeaderBytes + (has_key ? key_bytes : 0);
  std::size_t value_position = headers_position;
  if (header_count > 0) [[unlikely]] {
    if (bytes.size() < headers_position) return 0;
    const std::string_view rest = bytes.substr(headers_position);
    const std::optional<std::size_t> headers_bytes = log::HeadersView::BytesOf(rest, header_count);
    if (!headers_bytes) return 0;
    record.headers = log::HeadersView(rest.substr(0, *headers_bytes), header_count);
    value_position += *headers_bytes;
  }
  const std::size_t record_bytes = value_position + value_bytes;
  if (bytes.size() < record_bytes || GetInteger<std::uint8_t>(at + 7) != 0) return 0;
  if (has_key) record.key = std::string_view(at + kRecordHeaderBytes, key_bytes);
  record.value = std::string_view(at + value_position, value_bytes);
  return record_bytes;
}

inline bool AppendBodyReader::NextInto(log::RecordView& record) {
  if (broken_ || rest_.empty()) return false;
  const std::size_t bytes = DecodeRecord(rest_, record);
  broken_ = bytes == 0;
  rest_.remove_prefix(bytes);
  return !broken_;
}

}  // namespace daybook::disk
