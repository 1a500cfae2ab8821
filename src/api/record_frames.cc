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
  if (!record.headers.empty()) AppendHeadersJson(text, record);
  return text;
}

}  // namespace

std::uint64_t RecordFrameBytes(const log::RecordView& record) {
  return kFixedBytes + (record.key ? record.key->size() : 0) + HeadersText(record).size() +
         record.value.size();
}

void AppendRecordFrameHead(std::string& out, const log::RecordView& record) {
  const std::string_view key = record.key.value_or("");
  const std::string headers = HeadersText(record);
  std::array<char, kFixedBytes> fixed;
  char* at = PutInteger(fixed.data(), record.offset.value);
  at = PutInteger(at, static_cast<std::uint64_t>(record.timestamp.milliseconds));
  at = PutLength(at, key.size());
  at = PutLength(at, headers.size());
  PutLength(at, record.value.size());
  out.append(fixed.data(), fixed.size()).append(key).append(headers);
}

}  // namespace daybook::api
