#include "api/record_frames.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "api/record_json.h"

namespace daybook::api {
namespace {

constexpr std::uint64_t kFixedBytes = 28;

// Returns where the next one goes.
template <typename Integer>
char* PutInteger(char* at, Integer value) {
  static_assert(std::is_unsigned_v<Integer>);
  static_assert(std::endian::native == std::endian::little, "its bytes are sent as they lie");
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

char* PutLength(char* at, std::size_t bytes) {
  return PutInteger(at, static_cast<std::uint32_t>(bytes));
}

std::string HeadersText(const log::RecordView& record) {
  std::string text;
  AppendHeadersJson(text, record);
  return text;
}

void AppendFixed(std::string& out, const log::RecordView& record, std::size_t key_bytes,
                 std::size_t headers_bytes) {
  std::array<char, kFixedBytes> fixed;
  char* at = PutInteger(fixed.data(), record.offset.value);
  at = PutInteger(at, static_cast<std::uint64_t>(record.timestamp.milliseconds));
  at = PutLength(at, key_bytes);
  at = PutLength(at, headers_bytes);
  PutLength(at, record.value.size());
  out.append(fixed.data(), fixed.size());
}

}  // namespace

// The page knows how long keys, values and headers are; only of headers other bytes are shown.
std::uint64_t RecordFramesBytes(const log::Page& page) {
  std::uint64_t bytes = page.records.size() * kFixedBytes + page.bytes;
  for (const log::RecordView& record : page.records) {
    if (record.headers.empty()) continue;
    bytes += HeadersText(record).size() - record.headers.payload_bytes();
  }
  return bytes;
}

// Most records have neither key nor headers, and pages thousands of them: of those it is the one
// append.
void AppendRecordFrameHead(std::string& out, const log::RecordView& record) {
  const std::string_view key = record.key.value_or(std::string_view());
  if (record.headers.empty()) {
    AppendFixed(out, record, key.size(), 0);
    if (!key.empty()) out.append(key);
    return;
  }
  const std::string headers = HeadersText(record);
  AppendFixed(out, record, key.size(), headers.size());
  out.append(key).append(headers);
}

}  // namespace daybook::api
