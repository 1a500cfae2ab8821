#include "disk/append_body.h"

#include <xxhash.h>

#include "base/check.h"
#include "disk/format.h"
#include "disk/little_endian.h"

namespace daybook::disk {
namespace {

constexpr std::size_t kPrefixBytes = 8;

std::uint64_t RecordBytes(const log::NewRecord& record) {
  std::uint64_t bytes =
      kRecordHeaderBytes + record.value.size() + (record.key ? record.key->size() : 0);
  for (const auto& [name, value] : record.headers)
    bytes += log::HeadersView::kLengthsBytes + name.size() + value.size();
  return bytes;
}

template <typename Integer>
void Append(std::string& out, std::size_t value) {
  CHECK(value <= static_cast<Integer>(-1), "a length is larger than its field");
  char bytes[sizeof(Integer)];
  PutInteger(bytes, static_cast<Integer>(value));
  out.append(bytes, sizeof bytes);
}

void AppendRecord(std::string& out, const log::NewRecord& record) {
  CHECK(!record.key || record.key->size() < kNoKey, "a key is longer than its length can say");
  Append<std::uint32_t>(out, record.value.size());
  Append<std::uint16_t>(out, record.key ? record.key->size() : kNoKey);
  Append<std::uint8_t>(out, record.headers.size());
  Append<std::uint8_t>(out, 0);
  if (record.key) out.append(*record.key);
  for (const auto& [name, value] : record.headers) log::HeadersView::Append(out, name, value);
  out.append(record.value);
}

std::string Digest(std::string_view records) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(records.data(), records.size()));
  return {reinterpret_cast<const char*>(canonical.digest), sizeof canonical.digest};
}

}  // namespace

std::uint64_t AppendBodyBytes(const log::Batch& batch, std::string_view idempotency_key) {
  std::uint64_t bytes = kPrefixBytes;
  if (!idempotency_key.empty()) bytes += kDigestBytes + idempotency_key.size();
  for (const log::NewRecord& record : batch) bytes += RecordBytes(record);
  return bytes;
}

void EncodeAppendBody(const log::Batch& batch, std::string_view idempotency_key, std::string& out) {
  Append<std::uint16_t>(out, idempotency_key.size());
  Append<std::uint16_t>(out, 0);
  Append<std::uint32_t>(out, 0);
  const std::size_t digest_position = out.size();
  if (!idempotency_key.empty()) out.append(kDigestBytes, '\0').append(idempotency_key);
  const std::size_t records_position = out.size();
  for (const log::NewRecord& record : batch) AppendRecord(out, record);
  if (!idempotency_key.empty()) {
    const std::string_view records = std::string_view(out).substr(records_position);
    out.replace(digest_position, kDigestBytes, Digest(records));
  }
}

std::optional<EncodedAppend> EncodeAppend(const log::Batch& batch,
                                          std::string_view idempotency_key) {
  const std::uint64_t body_bytes = AppendBodyBytes(batch, idempotency_key);
  if (body_bytes > UINT32_MAX - kFrameHeaderBytes - kFrameAlignment) return std::nullopt;
  FrameHeader header;
  header.body_bytes = static_cast<std::uint32_t>(body_bytes);
  EncodedAppend append{{}, header.body_bytes, static_cast<std::uint32_t>(batch.size()), {}};
  append.bytes.reserve(header.frame_bytes());
  append.bytes.assign(kFrameHeaderBytes, '\0');
  EncodeAppendBody(batch, idempotency_key, append.bytes);
  if (!idempotency_key.empty())
    append.bytes.copy(append.digest.data(), kDigestBytes, kFrameHeaderBytes + kPrefixBytes);
  append.bytes.resize(header.frame_bytes(), '\0');
  return append;
}

AppendBodyReader::AppendBodyReader(std::string_view body) : rest_(body) {
  const std::string_view prefix = Take(kPrefixBytes);
  if (broken_) return;
  const auto key_bytes = GetInteger<std::uint16_t>(prefix.data());
  broken_ = GetInteger<std::uint16_t>(prefix.data() + 2) != 0 ||
            GetInteger<std::uint32_t>(prefix.data() + 4) != 0;
  if (key_bytes == 0) return;
  const std::string_view digest = Take(kDigestBytes);
  const std::string_view key = Take(key_bytes);
  if (!broken_) idempotency_ = IdempotencyView{key, digest};
}

std::optional<log::RecordView> AppendBodyReader::Next() {
  std::optional<log::RecordView> record(std::in_place);
  if (!NextInto(*record)) record.reset();
  return record;
}

std::string_view AppendBodyReader::Take(std::size_t bytes) {
  broken_ = broken_ || rest_.size() < bytes;
  if (broken_) return {};
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

}  // namespace daybook::disk
