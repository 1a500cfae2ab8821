// What a log holds. A NewRecord is what a client gives; a RecordView is what a log gives back, in
// memory that a Page keeps alive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types.h"

namespace daybook::log {

struct NewRecord {
  std::optional<std::string> key;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string value;
};

// Records that get consecutive offsets in one step, or none of them does. Never empty.
using Batch = std::vector<NewRecord>;

struct RecordView {
  Offset offset;
  Timestamp timestamp;
  std::optional<std::string_view> key;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view value;
};

// Bytes of value, key and headers.
template <typename Record>
std::uint64_t PayloadBytes(const Record& record) {
  std::uint64_t bytes = record.value.size() + (record.key ? record.key->size() : 0);
  for (const auto& [name, value] : record.headers) bytes += name.size() + value.size();
  return bytes;
}

}  // namespace daybook::log
