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

  // True when the body ended exactly behind a record.
  bool complete() const { return !broken_ && rest_.empty(); }

 private:
  // Nothing, and broken_ is set, where fewer are left.
  std::string_view Take(std::size_t bytes) {
    broken_ = broken_ || rest_.size() < bytes;
    if (broken_) return {};
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  void TakeHeaders(std::size_t count, log::RecordView& record);

  std::string_view rest_;
  std::optional<IdempotencyView> idempotency_;
  bool broken_ = false;
};

inline bool AppendBodyReader::NextInto(log::RecordView& record) {
  if (rest_.empty()) return false;
  const std::string_view header = Take(kRecordHeaderBytes);
  if (broken_) return false;
  const auto value_bytes = GetInteger<std::uint32_t>(header.data());
  const auto key_bytes = GetInteger<std::uint16_t>(header.data() + 4);
  const auto header_count = GetInteger<std::uint8_t>(header.data() + 6);
  broken_ = GetInteger<std::uint8_t>(header.data() + 7) != 0;
  if (key_bytes != kNoKey) record.key = Take(key_bytes);
  if (header_count > 0) TakeHeaders(header_count, record);
  record.value = Take(value_bytes);
  return !broken_;
}

}  // namespace daybook::disk
