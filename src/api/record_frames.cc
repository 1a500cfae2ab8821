#include "api/record_frames.h"

#include <array>
#include <cstddef>
#include <type_traits>

#include "api/record_json.h"

namespace daybook::api {
namespace {

constexpr std::uint64_t kFixedBytes = 28;

template <typename Integer>
void AppendInteger(std::string& out, Integer value) {
  static_assert(std::is_unsigned_v<Integer>);
  std::array<char, sizeof(Integer)> bytes;
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xFF);
    value >>= 8;
  }
  out.append(bytes.data(), bytes.size());
}

void AppendLength(std::string& out, std::size_t bytes) {
  AppendInteger(out, static_cast<std::uint32_t>(bytes));
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
  AppendInteger(out, record.offset.value);
  AppendInteger(out, static_cast<std::uint64_t>(record.timestamp.milliseconds));
  AppendLength(out, key.size());
  AppendLength(out, headers.size());
  AppendLength(out, record.value.size());
  out.append(key).append(headers);
}

}  // namespace daybook::api
